/* checksum.c - how fast checksums are: GB a second of CPU time, in pieces as a body
 * comes in. */
#include <stdio.h>
#include <time.h>

#include "aws/aws_chunked_writer.h"

#define PIECE ((size_t)256 * 1024)
#define PIECES 2048

static char piece[PIECE];

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void report(const char *name, double began, const char *result)
{
    double seconds = now_s() - began;
    printf("%-12s %6.2f GB/s  (%s)\n", name, (double)PIECE * PIECES / seconds / 1e9,
           result);
}

static void run(enum awl_checksum_algorithm algorithm)
{
    struct awl_checksum checksum;
    char value[AWL_CHECKSUM_BASE64_MAX];
    double began = now_s();
    awl_checksum_init(&checksum, algorithm);
    for (int i = 0; i < PIECES; i++)
        awl_checksum_update(&checksum, piece, PIECE);
    awl_checksum_final_base64(&checksum, value);
    report(awl_checksum_name(algorithm).ptr, began, value);
}

/* A body with its CRC32 behind it, as an upload makes it. */
static void run_chunked(void)
{
    static const struct awl_chunked_options options = {
        .chunk_bytes = AWL_CHUNKED_CHUNK_BYTES,
        .has_checksum = true,
        .algorithm = AWL_CHECKSUM_CRC32,
    };
    struct awl_chunked_writer writer;
    struct awl_buf out;
    enum awl_rc rc = AWL_OK;
    double began = now_s();

    awl_chunked_writer_init(&writer, &options);
    awl_buf_init(&out, 2 * PIECE);
    for (int i = 0; i < PIECES && rc == AWL_OK; i++) {
        awl_buf_clear(&out);
        rc = awl_chunked_writer_add(&writer, awl_str_make(piece, PIECE), &out);
    }
    report("aws-chunked", began, rc == AWL_OK ? "CRC32 and framing" : "failed");
    awl_buf_release(&out);
    awl_chunked_writer_release(&writer);
}

int main(void)
{
    for (size_t i = 0; i < PIECE; i++)
        piece[i] = (char)(i * 31 >> 3);
    for (int i = 0; i < AWL_CHECKSUM_COUNT; i++)
        run((enum awl_checksum_algorithm)i);
    run_chunked();
    return 0;
}
