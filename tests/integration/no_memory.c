/* no_memory.c - to be preloaded: allocations that fail.
 *
 * Counted from when the program asks for the variable NO_MEMORY_NOW: from the one of
 * number NO_MEMORY_AT on two fail, so that a collection of Lua's in between is of no
 * help. When it is asked for again it is their number so far. */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long count, at;
static bool counts;

static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static bool fails(void)
{
    if (!counts)
        return false;
    long number = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
    if (number < at || number > at + 1)
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    static void *(*real)(size_t);
    if (real == NULL)
        *(void **)&real = next("malloc");
    return fails() ? NULL : real(size);
}

/* The look-up itself may allocate with it. */
void *calloc(size_t items, size_t size)
{
    static void *(*real)(size_t, size_t);
    static bool looking;
    static char first[4096];
    static size_t used;
    if (real == NULL && looking) {
        void *block = first + used;
        used += (items * size + 15) / 16 * 16;
        return used <= sizeof(first) ? block : NULL;
    }
    looking = true;
    if (real == NULL)
        *(void **)&real = next("calloc");
    return fails() ? NULL : real(items, size);
}

void *realloc(void *block, size_t size)
{
    static void *(*real)(void *, size_t);
    if (real == NULL)
        *(void **)&real = next("realloc");
    return fails() ? NULL : real(block, size);
}

char *getenv(const char *name)
{
    static char *(*real)(const char *);
    static char number[24];
    if (real == NULL)
        *(void **)&real = next("getenv");
    if (strcmp(name, "NO_MEMORY_NOW") != 0)
        return real(name);
    const char *text = real("NO_MEMORY_AT");
    at = text != NULL ? strtol(text, NULL, 10) : 0;
    counts = at > 0 && !counts;
    snprintf(number, sizeof(number), "%ld", count);
    return number;
}
