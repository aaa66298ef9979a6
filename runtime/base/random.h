/* random.h - random numbers that a test can make repeatable.
 *
 * For backoff, identifiers and idempotency tokens; not for keys. */
#ifndef AWL_BASE_RANDOM_H
#define AWL_BASE_RANDOM_H

#include <stdint.h>

struct awl_random {
    uint64_t state[4];
};

/* Seeded by the system. */
void awl_random_init(struct awl_random *random);

/* Always the same numbers for the same seed. */
void awl_random_seed(struct awl_random *random, uint64_t seed);

/* Any 64 bits. */
uint64_t awl_random_next(struct awl_random *random);

/* At least 0 and less than 1. */
double awl_random_unit(struct awl_random *random);

#define AWL_UUID_LEN 36

/* A version 4 UUID in lower case and a NUL. */
void awl_random_uuid(struct awl_random *random, char out[AWL_UUID_LEN + 1]);

#endif
