/* tests/unit/test_pack_check.c - registered as unit.pack_check
 *
 * Damage to the pack of all services; test_pack.c has each byte of a small one. The
 * environment's AWL_PACK_ROUNDS (5000) says how often. */
#include <stdio.h>
#include <stdlib.h>

#include "model/embedded.h"
#include "model/pack.h"
#include "pack_walk.h"
#include "test.h"

static uint64_t random_state = 0x9E3779B97F4A7C15u;

static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return limit > 0 ? (uint32_t)(random_state >> 32) % limit : 0;
}

/* A copy that may be damaged, opened without a look at it. */
struct copy {
    char *bytes;
    size_t len;
    struct awl_pack *pack;
};

static void copy_make(struct copy *c)
{
    const void *bytes = awl_embedded_pack(&c->len);
    c->bytes = malloc(c->len);
    CHECK(c->bytes != NULL);
    memcpy(c->bytes, bytes, c->len);
    c->pack = awl_pack_open(c->bytes, c->len, "copy", true, NULL);
    CHECK(c->pack != NULL);
}

static void copy_release(struct copy *c)
{
    awl_pack_free(c->pack);
    free(c->bytes);
}

/* The bytes of a service in one of its sections. */
static void service_range(const struct awl_pack *pack, const struct awl_pack_service *s,
                          uint32_t which, const void **from, size_t *len)
{
    uint32_t words = pack->counts[AWL_PACK_WORDS] - s->errors;
    switch (which) {
    case 0:
        *from = s;
        *len = sizeof(*s);
        return;
    case 1:
        *from = pack->shapes + s->shapes;
        *len = s->shape_count * sizeof(*pack->shapes);
        return;
    case 2:
        *from = pack->members + s->members;
        *len = s->member_count * sizeof(*pack->members);
        return;
    case 3:
        *from = pack->member_extras + s->member_extras;
        *len = s->member_extra_count * sizeof(*pack->member_extras);
        return;
    case 4:
        *from = pack->operations + s->operations;
        *len = s->operation_count * sizeof(*pack->operations);
        return;
    case 5:
        *from = pack->slots + s->methods;
        *len = s->operation_count * sizeof(*pack->slots);
        return;
    case 6:
        *from = pack->words + (s->rules != AWL_MODEL_NONE ? s->rules : s->errors);
        *len = sizeof(*pack->words) * 64;
        return;
    default: /* errors, then what was compiled after them: lists, expressions */
        *from = pack->words + s->errors;
        *len = sizeof(*pack->words) * (words < 4000 ? words : 4000);
        return;
    }
}

/* Changes a byte or a whole word; what it was goes into `before`. */
static char *damage(char *at, char before[8])
{
    static const uint32_t values[] = {0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFE};
    memcpy(before, at, 8);
    if (random_below(2) == 0) {
        *at = (char)(*at ^ (char)(1u << random_below(8)));
    } else {
        uint32_t value =
            random_below(2) == 0 ? values[random_below(5)] : random_below(UINT32_MAX);
        memcpy(at, &value, sizeof(value));
    }
    return at;
}

/* One round: whether the damage was noticed. */
static bool round_refused(struct copy *c)
{
    const struct awl_pack_service *s =
        &c->pack->services[random_below(c->pack->counts[AWL_PACK_SERVICES])];
    uint32_t index = (uint32_t)(s - c->pack->services);
    const void *from;
    size_t len;
    char before[8];
    service_range(c->pack, s, random_below(8), &from, &len);
    size_t offset = (size_t)((const char *)from - c->bytes);
    if (len < 8 || offset + len > c->len)
        return false;
    char *at = damage(c->bytes + offset + random_below((uint32_t)len - 7), before);
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_model model;
    bool sound = awl_pack_check(c->pack, false, &err) == AWL_OK &&
                 awl_pack_check_service(c->pack, s, "", &err) == AWL_OK;
    if (sound && awl_model_open_at(c->pack, index, &model, &err) == AWL_OK)
        walk_model(&model);
    memcpy(at, before, 8);
    return !sound;
}

TEST(a_damaged_service_is_refused_or_does_no_harm)
{
    UNUSED_STATE;
    const char *text = getenv("AWL_PACK_ROUNDS");
    int64_t rounds = 5000, refused = 0;
    struct copy c;
    if (text != NULL)
        CHECK(awl_str_to_int64(awl_str_of(text), &rounds));
    copy_make(&c);
    for (int64_t i = 0; i < rounds; i++)
        refused += round_refused(&c);
    CHECK(refused > rounds / 10);
    CHECK_OK(awl_pack_check(c.pack, true, NULL)); /* all was put right again */
    copy_release(&c);
}

TEST(the_program_s_own_pack_is_sound)
{
    UNUSED_STATE;
    size_t len;
    struct awl_error err = AWL_ERROR_INIT;
    const void *bytes = awl_embedded_pack(&len);
    struct awl_pack *pack = awl_pack_open(bytes, len, "embedded", false, &err);
    CHECK(pack != NULL);
    CHECK(awl_pack_service_count(pack) > 400);
    CHECK(pack_walk(pack) > 0);
    awl_pack_free(pack);
}

TEST_MAIN(RUN(the_program_s_own_pack_is_sound),
          RUN(a_damaged_service_is_refused_or_does_no_harm))
