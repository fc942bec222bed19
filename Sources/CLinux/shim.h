// What Swift's Glibc module leaves out of Linux: epoll, eventfd, accept4, names of threads.
// Each wrapper returns the system call's result, or -errno where that failed.
//
// _GNU_SOURCE stays undefined, since it changes the layout of types that the Glibc module exports;
// the two functions it would bring are declared here.
#ifndef PETNEXUS_CLINUX_H
#define PETNEXUS_CLINUX_H

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

extern int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);

enum {
    clinux_readable = EPOLLIN,
    clinux_writable = EPOLLOUT,
    clinux_peer_closed = EPOLLRDHUP,
    clinux_error = EPOLLERR,
    clinux_hangup = EPOLLHUP,
};

static inline int clinux_epoll_create(void) {
    int fd = epoll_create1(EPOLL_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static inline int clinux_epoll_set(int epoll, int operation, int fd, uint32_t events, uint64_t tag) {
    struct epoll_event event;
    event.events = events;
    event.data.u64 = tag;
    return epoll_ctl(epoll, operation, fd, &event) < 0 ? -errno : 0;
}

static inline int clinux_epoll_add(int epoll, int fd, uint32_t events, uint64_t tag) {
    return clinux_epoll_set(epoll, EPOLL_CTL_ADD, fd, events, tag);
}

static inline int clinux_epoll_modify(int epoll, int fd, uint32_t events, uint64_t tag) {
    return clinux_epoll_set(epoll, EPOLL_CTL_MOD, fd, events, tag);
}

static inline int clinux_epoll_remove(int epoll, int fd) {
    return clinux_epoll_set(epoll, EPOLL_CTL_DEL, fd, 0, 0);
}

static inline int clinux_epoll_wait(int epoll, struct epoll_event *events, int count, int timeout_ms) {
    int ready = epoll_wait(epoll, events, count, timeout_ms);
    return ready < 0 ? -errno : ready;
}

static inline uint64_t clinux_event_tag(const struct epoll_event *event) { return event->data.u64; }
static inline uint32_t clinux_event_flags(const struct epoll_event *event) { return event->events; }

static inline int clinux_eventfd(void) {
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static inline int clinux_accept(int listener, struct sockaddr *address, socklen_t *length) {
    int fd = accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static inline int clinux_stream_socket(int family) {
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return fd < 0 ? -errno : fd;
}

static inline long clinux_send(int fd, const void *bytes, unsigned long count) {
    ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 ? -errno : sent;
}

static inline long clinux_receive(int fd, void *bytes, unsigned long count) {
    ssize_t got = recv(fd, bytes, count, MSG_DONTWAIT);
    return got < 0 ? -errno : got;
}

static inline void clinux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

#endif
