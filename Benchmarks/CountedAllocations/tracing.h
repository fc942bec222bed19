#ifndef PETNEXUS_TRACING_H
#define PETNEXUS_TRACING_H

#include <stddef.h>

// Keeps the calling thread's backtrace, where it asked for that.
void counted_keep_backtrace(size_t size);

#endif
