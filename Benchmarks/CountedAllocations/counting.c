// The functions that stand before glibc's, and what they count.
#include "CountedAllocations.h"
#include "tracing.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// glibc's own, under the names it keeps for those who replace them.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static THREAD_LOCAL struct counted_work work;
static THREAD_LOCAL bool is_paused;
static THREAD_LOCAL bool is_swallowing;

struct counted_work counted_work_of_this_thread(void) { return work; }

void counted_pause(bool pauses) { is_paused = pauses; }

void counted_swallow_sends(bool swallows) { is_swallowing = swallows; }

static void *counted(void *block, size_t size) {
    if (block == NULL || is_paused) return block;
    work.allocations += 1;
    work.bytes += size;
    if (counted_is_tracing) counted_keep_backtrace(size);
    return block;
}

void *malloc(size_t size) { return counted(__libc_malloc(size), size); }

void *calloc(size_t count, size_t size) {
    return counted(__libc_calloc(count, size), count * size);
}

void *realloc(void *block, size_t size) { return counted(__libc_realloc(block, size), size); }

void *memalign(size_t alignment, size_t size) {
    return counted(__libc_memalign(alignment, size), size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
    void *made = memalign(alignment, size);
    if (made == NULL) return ENOMEM;
    *block = made;
    return 0;
}

ssize_t send(int descriptor, const void *bytes, size_t count, int flags) {
    work.sends += 1;
    if (is_swallowing) return (ssize_t)count;
    return syscall(SYS_sendto, descriptor, bytes, count, flags, NULL, 0);
}
