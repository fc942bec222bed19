#ifndef PETNEXUS_TRACING_H
#define PETNEXUS_TRACING_H

#include <stdbool.h>
#include <stddef.h>

// A variable of each thread that is reached by one instruction, since this is linked into programs
// only and never into a library.
#define THREAD_LOCAL __attribute__((tls_model("local-exec"))) _Thread_local

// Whether the calling thread wants its backtraces kept.
extern THREAD_LOCAL bool counted_is_tracing;

// Keeps the calling thread's backtrace.
void counted_keep_backtrace(size_t size);

#endif
