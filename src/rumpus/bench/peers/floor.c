/* The floor under any game server that uses one thread: the system calls and nothing else.
 *
 * One process accepts PLAYERS connections on the loopback interface. HZ times a second it sends OUT bytes to each of
 * them, and in between it takes whatever has come in, told by epoll. Its twin, a fork, is all the clients: every one
 * sends IN bytes HZ times a second, spread over the period in ten slices, and takes what it gets. Nobody parses, plays
 * or frames anything. What is printed is the server's processor time for one player and tick: one send, one receive and
 * its share of epoll.
 *
 *   cc -O2 floor.c -o floor
 *   ./floor PLAYERS HZ IN OUT SECONDS [SERVER_CORE TWIN_CORE]
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SLICES = 10, READY = 1024 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

static double used(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return r.ru_utime.tv_sec + r.ru_stime.tv_sec + 1e-6 * (r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

static void stay_on(int core) {
    cpu_set_t cores;
    if (core < 0) return;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    sched_setaffinity(0, sizeof cores, &cores);
}

static void fail(const char *what) {
    perror(what);
    exit(2);
}

int main(int argc, char **argv) {
    if (argc < 6) return fprintf(stderr, "floor PLAYERS HZ IN OUT SECONDS [SERVER_CORE TWIN_CORE]\n"), 2;
    int players = atoi(argv[1]), hz = atoi(argv[2]), in = atoi(argv[3]), out = atoi(argv[4]);
    double seconds = atof(argv[5]);
    int server_core = argc > 7 ? atoi(argv[6]) : -1, twin_core = argc > 7 ? atoi(argv[7]) : -1;
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}; /* any free port */
    socklen_t length = sizeof at;
    static char buffer[1 << 16];
    struct epoll_event ready[READY];

    if (bind(listener, (void *)&at, sizeof at) || listen(listener, 4096)) fail("listen");
    getsockname(listener, (void *)&at, &length);
    int is_server = fork() != 0, size = is_server ? out : in, slices = is_server ? 1 : SLICES;
    stay_on(is_server ? server_core : twin_core);
    int *fds = malloc(players * sizeof *fds), poll = epoll_create1(0);
    for (int i = 0; i < players; i++) {
        if (is_server) {
            if ((fds[i] = accept(listener, 0, 0)) < 0) fail("accept");
        } else {
            fds[i] = socket(AF_INET, SOCK_STREAM, 0);
            if (connect(fds[i], (void *)&at, sizeof at)) fail("connect");
        }
        setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fds[i]};
        epoll_ctl(poll, EPOLL_CTL_ADD, fds[i], &event);
    }

    double began = now(), before = used();
    long sent = 0, slot = 0;
    while (now() - began < seconds) {
        for (int slice = 0; slice < slices; slice++) {
            for (int i = slice; i < players; i += slices) sent += send(fds[i], buffer, size, MSG_NOSIGNAL) > 0;
            slot++;
            for (;;) {
                double left = began + slot / (double)(hz * slices) - now();
                int many = epoll_wait(poll, ready, READY, left > 0 ? (int)(left * 1000 + .5) : 0);
                for (int j = 0; j < many; j++) recv(ready[j].data.fd, buffer, sizeof buffer, 0);
                if (left <= 0) break;
            }
        }
    }
    double wall = now() - began, cpu = used() - before;
    if (is_server) {
        printf("{\"cpu\": %.6f, \"us_per_player_tick\": %.4f, \"rate\": %.3f}\n", cpu / wall, 1e6 * cpu / sent,
               sent / wall / players);
        wait(0);
    }
    return 0;
}
