// Counts what a program's threads ask of malloc and its family. Linking this target is enough: its
// malloc stands before glibc's for the whole process, the Swift runtime and every library included.
//
// Each successful call of malloc, calloc, realloc, posix_memalign, aligned_alloc or memalign counts
// as one allocation of the bytes asked for, a realloc also where it grew in place. Freeing counts
// nothing. A thread counts its own calls only.
//
// A thread can also have its sends swallowed, so that what a server does can be measured without
// what the kernel does.
#ifndef PETNEXUS_COUNTED_ALLOCATIONS_H
#define PETNEXUS_COUNTED_ALLOCATIONS_H

#include <stdbool.h>
#include <stdint.h>

// What one thread has done since it began.
struct counted_work {
    uint64_t allocations;
    uint64_t bytes;
    // Calls of send.
    uint64_t sends;
};

struct counted_work counted_work_of_this_thread(void);

// While paused, the calling thread's allocations are not counted. Calls don't nest.
void counted_pause(bool is_paused);

// While swallowed, a send of the calling thread succeeds without the kernel hearing of it.
void counted_swallow_sends(bool is_swallowing);

// Begins to keep the backtrace of every allocation that the calling thread counts, or ends it. One
// thread at a time; what was kept before is forgotten at the beginning.
void counted_trace(bool is_tracing);

// The distinct backtraces that were kept, how often each one allocated, and its frames from the
// innermost on; frames above the last are 0. Places beyond the table's size are counted as dropped.
int counted_site_count(void);
uint64_t counted_site_allocations(int site);
uint64_t counted_site_bytes(int site);
uintptr_t counted_site_frame(int site, int frame);
uint64_t counted_dropped_allocations(void);

// The file that an address was loaded from, NULL where it is unknown, and the place in it.
const char *counted_file(uintptr_t address, uintptr_t *offset);

// What a mangled Swift name stands for; NULL where it is none. The caller frees the text.
char *counted_demangled(const char *name);

#endif
