// Where allocations come from: distinct backtraces in a table that needs no memory of its own.
#define _GNU_SOURCE
#include "tracing.h"
#include "CountedAllocations.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <string.h>

enum { frames_max = 48, sites_max = 4096 };

struct site {
    void *frames[frames_max];
    uint64_t allocations;
    uint64_t bytes;
};

static struct site sites[sites_max];
static int site_count;
static uint64_t dropped;
THREAD_LOCAL bool counted_is_tracing;

void counted_trace(bool traces) {
    if (traces) {
        // The first backtrace loads the unwinder, which allocates.
        void *frame;
        backtrace(&frame, 1);
        memset(sites, 0, sizeof sites);
        site_count = 0;
        dropped = 0;
    }
    counted_is_tracing = traces;
}

void counted_keep_backtrace(size_t size) {
    counted_is_tracing = false;
    void *frames[frames_max] = {0};
    backtrace(frames, frames_max);
    int place = 0;
    while (place < site_count && memcmp(sites[place].frames, frames, sizeof frames) != 0) place++;
    if (place == site_count && site_count < sites_max) {
        memcpy(sites[place].frames, frames, sizeof frames);
        site_count++;
    }
    if (place < site_count) {
        sites[place].allocations += 1;
        sites[place].bytes += size;
    } else {
        dropped += 1;
    }
    counted_is_tracing = true;
}

int counted_site_count(void) { return site_count; }
uint64_t counted_site_allocations(int site) { return sites[site].allocations; }
uint64_t counted_site_bytes(int site) { return sites[site].bytes; }
uint64_t counted_dropped_allocations(void) { return dropped; }

uintptr_t counted_site_frame(int site, int frame) {
    return frame < frames_max ? (uintptr_t)sites[site].frames[frame] : 0;
}

const char *counted_file(uintptr_t address, uintptr_t *offset) {
    Dl_info info;
    if (dladdr((void *)address, &info) == 0 || info.dli_fname == NULL) return NULL;
    *offset = address - (uintptr_t)info.dli_fbase;
    return info.dli_fname;
}

extern char *swift_demangle(
    const char *name, size_t count, char *buffer, size_t *buffer_count, uint32_t flags);

char *counted_demangled(const char *name) {
    return swift_demangle(name, strlen(name), NULL, NULL, 0);
}
