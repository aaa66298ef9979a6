#include "aws/crc.h"

#include <libdeflate.h>
#include <pthread.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define HAVE_X86 1
#else
#define HAVE_X86 0
#endif

/* Polynomials with their bits reversed: the lowest bit is the highest power. */
#define POLY_CRC32 0xedb88320u
#define POLY_CRC32C 0x82f63b78u
#define POLY_CRC64NVME 0x9a6c9329ac4bc9b5u

#define SLICES 16 /* bytes that the table form takes in one step */

/* ---- arithmetic with such polynomials; `top` is x^0 ---- */

static uint64_t times_x(uint64_t value, uint64_t poly)
{
    return value >> 1 ^ ((value & 1) != 0 ? poly : 0);
}

static uint64_t multiply(uint64_t a, uint64_t b, uint64_t poly, uint64_t top)
{
    uint64_t product = 0;
    for (; top != 0; top >>= 1) {
        if ((a & top) != 0)
            product ^= b;
        b = times_x(b, poly);
    }
    return product;
}

/* x^n modulo the polynomial, by squaring. */
static uint64_t power_of_x(uint64_t n, uint64_t poly, uint64_t top)
{
    uint64_t result = top, square = top >> 1;
    for (; n > 0; n >>= 1) {
        if ((n & 1) != 0)
            result = multiply(result, square, poly, top);
        square = multiply(square, square, poly, top);
    }
    return result;
}

/* Appending n bytes multiplies what came before by x^8n, taken as (x^8)^n so that
 * the product need not fit. What the initial value adds cancels out. */
static uint64_t combine(uint64_t first, uint64_t second, uint64_t second_len,
                        uint64_t poly, uint64_t top)
{
    uint64_t shift = top, square = power_of_x(8, poly, top);
    for (; second_len > 0; second_len >>= 1) {
        if ((second_len & 1) != 0)
            shift = multiply(shift, square, poly, top);
        square = multiply(square, square, poly, top);
    }
    return multiply(first, shift, poly, top) ^ second;
}

uint32_t awl_crc32_combine(uint32_t first, uint32_t second, uint64_t second_len)
{
    return (uint32_t)combine(first, second, second_len, POLY_CRC32, 1u << 31);
}

uint32_t awl_crc32c_combine(uint32_t first, uint32_t second, uint64_t second_len)
{
    return (uint32_t)combine(first, second, second_len, POLY_CRC32C, 1u << 31);
}

uint64_t awl_crc64nvme_combine(uint64_t first, uint64_t second, uint64_t second_len)
{
    return combine(first, second, second_len, POLY_CRC64NVME, (uint64_t)1 << 63);
}

/* ---- what is computed once ---- */

struct fold {
    uint64_t low;  /* for the first eight bytes of a block */
    uint64_t high; /* for the other eight */
};

static struct {
    uint64_t crc64[SLICES][256];
    uint64_t crc32c[SLICES][256];
    struct fold fold_block; /* over the 64 bytes of one step */
    struct fold fold_lane;  /* over 16 bytes */
    int has_crc32c;
    int has_clmul;
} constants;

static pthread_once_t constants_once = PTHREAD_ONCE_INIT;

/* Entry [s][b]: the CRC of byte b with s zero bytes after it. */
static void table_init(uint64_t table[SLICES][256], uint64_t poly)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        uint64_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = times_x(crc, poly);
        table[0][byte] = crc;
    }
    for (int slice = 1; slice < SLICES; slice++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint64_t crc = table[slice - 1][byte];
            table[slice][byte] = crc >> 8 ^ table[0][crc & 0xff];
        }
    }
}

/* Moving a block over `bits` bits of others multiplies its halves by these. The
 * power is one less: the product of two reversed numbers comes out shifted by one. */
static struct fold fold_make(uint64_t bits)
{
    const uint64_t top = (uint64_t)1 << 63;
    return (struct fold){power_of_x(bits + 64 - 1, POLY_CRC64NVME, top),
                         power_of_x(bits - 1, POLY_CRC64NVME, top)};
}

static void constants_init(void)
{
    table_init(constants.crc64, POLY_CRC64NVME);
    table_init(constants.crc32c, POLY_CRC32C);
    constants.fold_block = fold_make(512);
    constants.fold_lane = fold_make(128);
#if HAVE_X86
    __builtin_cpu_init();
    constants.has_crc32c = __builtin_cpu_supports("sse4.2");
    constants.has_clmul =
        __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.2");
#endif
}

static void constants_need(void)
{
    pthread_once(&constants_once, constants_init);
}

/* ---- by tables; the state is the CRC without its final inversion ---- */

static uint64_t load64(const uint8_t *at)
{
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--)
        value = value << 8 | at[i];
    return value;
}

static uint64_t by_table(uint64_t state, const uint8_t *at, size_t len,
                         uint64_t table[SLICES][256])
{
    for (; len >= SLICES; len -= SLICES, at += SLICES) {
        uint64_t first = load64(at) ^ state, second = load64(at + 8);
        state = 0;
        for (int i = 0; i < 8; i++) {
            state ^= table[15 - i][first >> 8 * i & 0xff];
            state ^= table[7 - i][second >> 8 * i & 0xff];
        }
    }
    for (; len > 0; len--, at++)
        state = state >> 8 ^ table[0][(state ^ *at) & 0xff];
    return state;
}

uint32_t awl_crc32c_portable(uint32_t crc, const void *bytes, size_t len)
{
    constants_need();
    return ~(uint32_t)by_table(~crc, bytes, len, constants.crc32c);
}

uint64_t awl_crc64nvme_portable(uint64_t crc, const void *bytes, size_t len)
{
    constants_need();
    return ~by_table(~crc, bytes, len, constants.crc64);
}

/* ---- by instructions ---- */

#if HAVE_X86

__attribute__((target("sse4.2"))) static uint32_t
crc32c_x86(uint32_t state, const uint8_t *at, size_t len)
{
    uint64_t wide = state;
    for (; len >= 8; len -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        wide = _mm_crc32_u64(wide, word);
    }
    state = (uint32_t)wide;
    for (; len > 0; len--, at++)
        state = _mm_crc32_u8(state, *at);
    return state;
}

__attribute__((target("pclmul,sse4.2"))) static __m128i fold(__m128i block, __m128i by,
                                                             __m128i next)
{
    __m128i low = _mm_clmulepi64_si128(block, by, 0x00);
    __m128i high = _mm_clmulepi64_si128(block, by, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

__attribute__((target("pclmul,sse4.2"))) static __m128i fold_load(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

/* Four lanes of 16 bytes go on in parallel; in the end they are folded into one,
 * whose 16 bytes have the same CRC as all that was read. Needs 64 bytes. */
__attribute__((target("pclmul,sse4.2"))) static uint64_t
crc64_x86(uint64_t state, const uint8_t *at, size_t len)
{
    const __m128i by_block = _mm_set_epi64x((long long)constants.fold_block.high,
                                            (long long)constants.fold_block.low);
    const __m128i by_lane = _mm_set_epi64x((long long)constants.fold_lane.high,
                                           (long long)constants.fold_lane.low);
    __m128i lane[4];
    for (int i = 0; i < 4; i++)
        lane[i] = fold_load(at + 16 * i);
    lane[0] = _mm_xor_si128(lane[0], _mm_set_epi64x(0, (long long)state));
    for (at += 64, len -= 64; len >= 64; at += 64, len -= 64) {
        for (int i = 0; i < 4; i++)
            lane[i] = fold(lane[i], by_block, fold_load(at + 16 * i));
    }
    for (int i = 1; i < 4; i++)
        lane[i] = fold(lane[i - 1], by_lane, lane[i]);
    uint8_t last[16];
    _mm_storeu_si128((__m128i *)(void *)last, lane[3]);
    state = by_table(0, last, sizeof last, constants.crc64);
    return by_table(state, at, len, constants.crc64);
}

#endif

uint32_t awl_crc32(uint32_t crc, const void *bytes, size_t len)
{
    return len > 0 ? libdeflate_crc32(crc, bytes, len) : crc;
}

uint32_t awl_crc32c(uint32_t crc, const void *bytes, size_t len)
{
    constants_need();
#if HAVE_X86
    if (constants.has_crc32c)
        return ~crc32c_x86(~crc, bytes, len);
#endif
    return awl_crc32c_portable(crc, bytes, len);
}

uint64_t awl_crc64nvme(uint64_t crc, const void *bytes, size_t len)
{
    constants_need();
#if HAVE_X86
    if (constants.has_clmul && len >= 64)
        return ~crc64_x86(~crc, bytes, len);
#endif
    return awl_crc64nvme_portable(crc, bytes, len);
}
