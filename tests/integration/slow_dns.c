/* slow_dns.c - to be preloaded: a resolver that takes its time, and a clock that does
 * not.
 *
 * Every name that ends in ".test" is 127.0.0.1, after SLOW_DNS_MS; the first to be looked
 * up after SLOW_DNS_FIRST_MS, if that is set. The monotonic clock
 * and time(), by which libcurl forgets addresses, run FAST_CLOCK times as fast as they
 * should. At the end SLOW_DNS_LOG gets two numbers: how many names were looked up, and
 * how many at a time. */
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int lookups, running, most;

static long setting(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtol(text, NULL, 10) : otherwise;
}

/* How many there were before. */
static int count(int change)
{
    pthread_mutex_lock(&lock);
    int before = lookups;
    running += change;
    lookups += change > 0;
    if (running > most)
        most = running;
    pthread_mutex_unlock(&lock);
    return before;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    static int (*real)(const char *, const char *, const struct addrinfo *,
                       struct addrinfo **);
    size_t len = node != NULL ? strlen(node) : 0;
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (len < 5 || strcmp(node + len - 5, ".test") != 0)
        return real(node, service, hints, found);
    long ms = setting("SLOW_DNS_MS", 0);
    if (count(1) == 0)
        ms = setting("SLOW_DNS_FIRST_MS", ms);
    usleep((useconds_t)ms * 1000);
    int status = real("127.0.0.1", service, hints, found);
    count(-1);
    return status;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    static int (*real)(clockid_t, struct timespec *);
    static long factor;
    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
        factor = setting("FAST_CLOCK", 1);
    }
    int status = real(clock, time);
    if (factor == 1 || (clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_COARSE))
        return status;
    __int128 ns = ((__int128)time->tv_sec * 1000000000 + time->tv_nsec) * factor;
    time->tv_sec = (time_t)(ns / 1000000000);
    time->tv_nsec = (long)(ns % 1000000000);
    return status;
}

time_t time(time_t *out)
{
    static struct timespec first;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (first.tv_sec == 0)
        first = now;
    double passed =
        (double)(now.tv_sec - first.tv_sec) + (double)(now.tv_nsec - first.tv_nsec) / 1e9;
    time_t shown = first.tv_sec + (time_t)(passed * (double)setting("FAST_CLOCK", 1));
    if (out != NULL)
        *out = shown;
    return shown;
}

__attribute__((destructor)) static void report(void)
{
    const char *path = getenv("SLOW_DNS_LOG");
    FILE *file = path != NULL ? fopen(path, "w") : NULL;
    if (file == NULL)
        return;
    fprintf(file, "%d %d\n", lookups, most);
    fclose(file);
}
