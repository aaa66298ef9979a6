/* aws_vectors DATA [SUITE...] - runs the vectors of runtime/aws: all suites, or
 * those named. DATA has a folder for each; one that is missing is skipped with a
 * word. Exits 1 on a failure. */
#include "aws_vectors.h"

#include <stdio.h>

static const struct {
    const char *name;
    void (*run)(struct vectors_suite *suite, const char *folder);
} suites[] = {
    {"sigv4", aws_vectors_sigv4},
    {"checksums", aws_vectors_checksums},
    {"timestamps", aws_vectors_timestamps},
    {"eventstream", aws_vectors_eventstream},
    {"s3", aws_vectors_s3},
};

#define SUITE_COUNT (sizeof suites / sizeof suites[0])

static bool is_asked_for(const char *name, int count, char *const *names)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return count == 0;
}

static bool is_suite(const char *name)
{
    for (size_t i = 0; i < SUITE_COUNT; i++) {
        if (strcmp(suites[i].name, name) == 0)
            return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    struct vectors_suite total = {.name = "aws_vectors"};
    if (argc < 2) {
        fputs("usage: aws_vectors DATA [SUITE...]\n", stderr);
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        if (!is_suite(argv[i])) {
            fprintf(stderr, "aws_vectors: there is no suite '%s'\n", argv[i]);
            return 2;
        }
    }
    if (!vectors_exists(argv[1])) {
        printf("SKIPPED: there is no folder of test vectors at '%s'\n", argv[1]);
        return 0;
    }
    for (size_t i = 0; i < SUITE_COUNT; i++) {
        if (!is_asked_for(suites[i].name, argc - 2, argv + 2))
            continue;
        const char *folder = vectors_path(argv[1], suites[i].name);
        if (!vectors_exists(folder)) {
            printf("SKIPPED: %s: the data has no such folder\n", suites[i].name);
            continue;
        }
        struct vectors_suite suite = {.name = suites[i].name};
        suites[i].run(&suite, folder);
        vectors_report(&suite);
        total.passed += suite.passed;
        total.failed += suite.failed;
        total.skipped += suite.skipped;
    }
    printf("%u passed, %u failed, %u skipped\n", total.passed, total.failed,
           total.skipped);
    return total.failed > 0 ? 1 : 0;
}
