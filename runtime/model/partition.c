#include "model/partition.h"

#include "model/pack.h"

#define TRIES_MAX 10000

static bool has_region(const struct awl_pack_words *partitions, const uint32_t *partition,
                       awl_str region)
{
    for (uint32_t i = 0; i < partition[AWL_PARTITION_REGION_COUNT]; i++)
        if (awl_str_eq(awl_pack_words_str(partitions, partition[AWL_PARTITION_WORDS + i]),
                       region))
            return true;
    return false;
}

static size_t run_length(awl_str text, bool digits_only)
{
    size_t len = 0;
    while (len < text.len &&
           (awl_char_is_digit(text.ptr[len]) ||
            (!digits_only && (awl_char_is_alpha(text.ptr[len]) || text.ptr[len] == '_'))))
        len++;
    return len;
}

/* Whether the steps from `step` on match all of `text`. Each try uses up some of
 * `budget`, so that no pattern takes forever. */
static bool steps_match(const struct awl_pack_words *partitions, const uint32_t *step,
                        uint32_t left, awl_str text, unsigned *budget)
{
    if (left == 0)
        return text.len == 0;
    if (*budget == 0)
        return false;
    --*budget;
    if (*step == AWL_PATTERN_ONE_OF) {
        uint32_t count = step[1];
        for (uint32_t i = 0; i < count; i++) {
            awl_str word = awl_pack_words_str(partitions, step[2 + i]);
            if (awl_str_starts(text, word) &&
                steps_match(partitions, step + 2 + count, left - 1,
                            awl_str_slice(text, word.len, text.len), budget))
                return true;
        }
        return false;
    }
    for (size_t len = run_length(text, *step == AWL_PATTERN_DIGITS); len > 0; len--)
        if (steps_match(partitions, step + 1, left - 1,
                        awl_str_slice(text, len, text.len), budget))
            return true;
    return false;
}

static bool pattern_matches(const struct awl_pack_words *partitions,
                            const uint32_t *partition, awl_str region)
{
    uint32_t index = partition[AWL_PARTITION_PATTERN];
    if (index == AWL_MODEL_NONE || region.len > AWL_PATTERN_TEXT_MAX)
        return false;
    const uint32_t *pattern = partitions->words + index;
    unsigned budget = TRIES_MAX;
    return steps_match(partitions, pattern + 1, pattern[0], region, &budget);
}

const uint32_t *awl_partition_find(const struct awl_pack_words *partitions,
                                   awl_str region)
{
    if (partitions->root == NULL)
        return NULL;
    const uint32_t *list = partitions->root;
    for (uint32_t i = 0; i < list[0]; i++)
        if (has_region(partitions, partitions->words + list[1 + i], region))
            return partitions->words + list[1 + i];
    for (uint32_t i = 0; i < list[0]; i++)
        if (pattern_matches(partitions, partitions->words + list[1 + i], region))
            return partitions->words + list[1 + i];
    return list[0] > 0 ? partitions->words + list[1] : NULL;
}

void awl_partition_of_region(const struct awl_pack_words *partitions, awl_str region,
                             struct awl_partition *partition)
{
    const uint32_t *p = awl_partition_find(partitions, region);
    if (p == NULL) {
        *partition = (struct awl_partition){.name = STR("aws"),
                                            .dns_suffix = STR("amazonaws.com"),
                                            .dual_stack_dns_suffix = STR("api.aws"),
                                            .implicit_global_region = STR("us-east-1"),
                                            .supports_fips = true,
                                            .supports_dual_stack = true};
        return;
    }
    *partition = (struct awl_partition){
        .name = awl_pack_words_str(partitions, p[AWL_PARTITION_NAME]),
        .dns_suffix = awl_pack_words_str(partitions, p[AWL_PARTITION_DNS_SUFFIX]),
        .dual_stack_dns_suffix =
            awl_pack_words_str(partitions, p[AWL_PARTITION_DUAL_STACK_DNS_SUFFIX]),
        .implicit_global_region =
            awl_pack_words_str(partitions, p[AWL_PARTITION_IMPLICIT_GLOBAL_REGION]),
        .supports_fips = p[AWL_PARTITION_SUPPORTS_FIPS] != 0,
        .supports_dual_stack = p[AWL_PARTITION_SUPPORTS_DUAL_STACK] != 0,
    };
}
