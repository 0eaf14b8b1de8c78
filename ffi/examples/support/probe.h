/*
 * Looking at a file without standing in anybody's way: opens it if nobody does, says who it is that does if somebody
 * does, and asks nothing that would lock out others for longer than it takes to ask.
 */
#ifndef EXAMPLE_PROBE_H
#define EXAMPLE_PROBE_H

#include "lockwait.h"

#ifdef _WIN32
#define PROBE_DOMAIN LOCKWAIT_DOMAIN_WIN32
#else
#define PROBE_DOMAIN LOCKWAIT_DOMAIN_ERRNO
#endif

/* A file that nobody stands in the way of, open for reading. */
struct probe {
#ifdef _WIN32
    void *handle;
#else
    int descriptor;
#endif
    lockwait_facts facts;
    /* One of the LOCKWAIT_METHOD_ numbers: how it is known that nobody does. */
    uint32_t method;
};

/* Opens the file at `path`. Not 0: free, and `probe` is to be closed. 0: `refusal` says why not. */
int probe_open(struct probe *probe, const char *path, lockwait_refusal *refusal);

/* Reads `length` bytes from `offset`; how many there were. */
size_t probe_read(struct probe *probe, uint64_t offset, unsigned char *buffer, size_t length);

void probe_close(struct probe *probe);

#endif
