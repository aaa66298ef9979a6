/* folder.h - a folder for one test. */
#ifndef AWL_TESTS_FOLDER_H
#define AWL_TESTS_FOLDER_H

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "test.h"

struct folder {
    char root[64];
    char path[256];
};

/* The path of a file in the folder, until the next one is asked for. */
static inline const char *in(struct folder *f, const char *name)
{
    snprintf(f->path, sizeof(f->path), "%s/%s", f->root, name);
    return f->path;
}

/* Makes the folders that f->path lies in. */
static inline void folder_make_parents(struct folder *f)
{
    for (char *c = f->path + strlen(f->root) + 1; *c != '\0'; c++) {
        if (*c != '/')
            continue;
        *c = '\0';
        CHECK(mkdir(f->path, 0700) == 0 || errno == EEXIST);
        *c = '/';
    }
}

static inline void put_folder(struct folder *f, const char *name)
{
    in(f, name);
    folder_make_parents(f);
    CHECK(mkdir(f->path, 0700) == 0 || errno == EEXIST);
}

static inline void put_file(struct folder *f, const char *name, const char *text)
{
    in(f, name);
    folder_make_parents(f);
    FILE *file = fopen(f->path, "w");
    CHECK(file != NULL);
    fputs(text, file);
    CHECK_INT(fclose(file), 0);
}

static inline void folder_init(struct folder *f)
{
    snprintf(f->root, sizeof(f->root), "/tmp/awl-test-folder-XXXXXX");
    CHECK(mkdtemp(f->root) != NULL);
}

static inline int folder_on_entry(const char *path, const struct stat *st, int type,
                                  struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void folder_remove(struct folder *f)
{
    nftw(f->root, folder_on_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
