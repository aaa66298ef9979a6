#include "call/service/s3_region.h"

#include <stdlib.h>

#define KEPT_MAX 1000

struct bucket {
    struct bucket *next;
    size_t name_len;
    char region[AWL_S3_REGION_MAX + 1];
    char name[];
};

struct awl_s3_regions {
    struct bucket *first; /* most recently used first */
    size_t count;
};

static struct bucket *take(struct awl_s3_regions *regions, awl_str name)
{
    for (struct bucket **link = &regions->first; *link != NULL; link = &(*link)->next) {
        struct bucket *bucket = *link;
        if (!awl_str_eq(awl_str_make(bucket->name, bucket->name_len), name))
            continue;
        *link = bucket->next;
        return bucket;
    }
    return NULL;
}

static void put_first(struct awl_s3_regions *regions, struct bucket *bucket)
{
    bucket->next = regions->first;
    regions->first = bucket;
}

awl_str awl_s3_regions_find(struct awl_s3_regions *regions, awl_str bucket)
{
    struct bucket *found = regions != NULL ? take(regions, bucket) : NULL;
    if (found == NULL)
        return (awl_str){"", 0};
    put_first(regions, found);
    return awl_str_of(found->region);
}

static void drop_last(struct awl_s3_regions *regions)
{
    struct bucket **link = &regions->first;
    while ((*link)->next != NULL)
        link = &(*link)->next;
    free(*link);
    *link = NULL;
    regions->count--;
}

static struct bucket *add(struct awl_s3_regions *regions, awl_str name)
{
    struct bucket *bucket = malloc(sizeof(*bucket) + name.len);
    if (bucket == NULL)
        return NULL;
    if (regions->count >= KEPT_MAX)
        drop_last(regions);
    memcpy(bucket->name, name.ptr, name.len);
    bucket->name_len = name.len;
    regions->count++;
    return bucket;
}

void awl_s3_regions_set(struct awl_s3_regions **regions, awl_str bucket, awl_str region)
{
    if (region.len > AWL_S3_REGION_MAX)
        return;
    if (*regions == NULL)
        *regions = calloc(1, sizeof(**regions));
    if (*regions == NULL)
        return;
    struct bucket *found = take(*regions, bucket);
    if (found == NULL)
        found = add(*regions, bucket);
    if (found == NULL)
        return;
    memcpy(found->region, region.ptr, region.len);
    found->region[region.len] = '\0';
    put_first(*regions, found);
}

void awl_s3_regions_free(struct awl_s3_regions *regions)
{
    while (regions != NULL && regions->first != NULL) {
        struct bucket *bucket = regions->first;
        regions->first = bucket->next;
        free(bucket);
    }
    free(regions);
}
