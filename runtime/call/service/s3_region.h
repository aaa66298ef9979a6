/* s3_region.h - the buckets that a client has found in another region than its own.
 *
 * A memory of limited size; those not used for longest are forgotten. */
#ifndef AWL_CALL_SERVICE_S3_REGION_H
#define AWL_CALL_SERVICE_S3_REGION_H

#include "base/str.h"

#define AWL_S3_REGION_MAX 63 /* bytes of a name; a longer one is not remembered */

struct awl_s3_regions;

/* The region of a bucket; "" if it is not known. The text is good until the next
 * awl_s3_regions_set. Either argument of free and find may be NULL. */
awl_str awl_s3_regions_find(struct awl_s3_regions *regions, awl_str bucket);

/* Remembers it; *regions is made when it is NULL. Without memory nothing is learned. */
void awl_s3_regions_set(struct awl_s3_regions **regions, awl_str bucket, awl_str region);
void awl_s3_regions_free(struct awl_s3_regions *regions);

#endif
