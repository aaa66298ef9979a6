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

/* The bytes of a service in one of its sections; of all sections' places first. */
static void service_range(const struct copy *c, uint32_t index, uint32_t which,
                          char **from, size_t *len)
{
    struct awl_pack_part_header header;
    char *part = c->bytes + c->pack->directory.entries[index].part;
    memcpy(&header, part, sizeof(header));
    if (which == AWL_PACK_SECTIONS) {
        *from = part;
        *len = sizeof(header);
        return;
    }
    *from = part + header.sections[which].offset;
    *len = header.sections[which].count * awl_pack_element_sizes[which];
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
    uint32_t index = random_below(awl_pack_service_count(c->pack));
    size_t len;
    char *from, before[8];
    service_range(c, index, random_below(AWL_PACK_SECTIONS + 1), &from, &len);
    if (len < 8)
        return false;
    char *at = damage(from + random_below((uint32_t)len - 7), before);
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_part part;
    struct awl_model model;
    bool sound = awl_pack_part(c->pack, index, &part, &err) == AWL_OK &&
                 awl_pack_check_service(&part, "", &err) == AWL_OK;
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
