#include "base/random.h"

#include <sys/random.h>
#include <time.h>

/* splitmix64: spreads a seed over the generator's state. */
static uint64_t spread(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void awl_random_seed(struct awl_random *random, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        random->state[i] = spread(&seed);
}

void awl_random_init(struct awl_random *random)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed))
        seed = (uint64_t)time(NULL) ^ (uint64_t)(uintptr_t)random;
    awl_random_seed(random, seed);
}

static uint64_t rotate_left(uint64_t value, int bits)
{
    return (value << bits) | (value >> (64 - bits));
}

/* xoshiro256** by Blackman and Vigna. */
uint64_t awl_random_next(struct awl_random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

double awl_random_unit(struct awl_random *random)
{
    return (double)(awl_random_next(random) >> 11) * 0x1.0p-53;
}

static char *append_hex(char *out, uint64_t value, unsigned digits)
{
    while (digits-- > 0)
        *out++ = "0123456789abcdef"[value >> (4 * digits) & 15];
    return out;
}

void awl_random_uuid(struct awl_random *random, char out[AWL_UUID_LEN + 1])
{
    uint64_t high = awl_random_next(random);
    uint64_t low = awl_random_next(random);

    high = (high & ~(uint64_t)0xf000) | 0x4000;              /* version 4 */
    low = (low & 0x3fffffffffffffffu) | 0x8000000000000000u; /* RFC 4122 */
    out = append_hex(out, high >> 32, 8);
    *out++ = '-';
    out = append_hex(out, high >> 16, 4);
    *out++ = '-';
    out = append_hex(out, high, 4);
    *out++ = '-';
    out = append_hex(out, low >> 48, 4);
    *out++ = '-';
    out = append_hex(out, low, 12);
    *out = '\0';
}
