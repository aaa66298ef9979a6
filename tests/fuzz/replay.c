/* Runs a fuzz target on the files of folders, in builds without libFuzzer: each file
 * whole and cut short at many places. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILE_MAX ((size_t)1 << 20)
#define CUTS 200 /* of a file, at most */

/* In memory of just that size, so that tools see a read beyond the end. */
static void run(const unsigned char *bytes, size_t size)
{
    unsigned char *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL)
        abort();
    memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static int run_file(const char *path)
{
    static unsigned char bytes[FILE_MAX];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 0;
    }
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    printf("%s\n", path);
    fflush(stdout); /* the last one is the culprit */
    size_t step = size / CUTS + 1;
    int runs = 1;
    run(bytes, size);
    for (size_t cut = 0; cut < size; cut += step, runs++)
        run(bytes, cut);
    return runs;
}

static int run_folder(const char *folder)
{
    char path[4096];
    struct dirent *entry;
    int runs = 0;
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        perror(folder);
        return 0;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        runs += run_file(path);
    }
    closedir(dir);
    return runs;
}

int main(int argc, char **argv)
{
    int runs = 0;
    for (int i = 1; i < argc; i++)
        runs += run_folder(argv[i]);
    printf("%d runs\n", runs);
    return runs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
