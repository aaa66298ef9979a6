/* partition.h - which partition a region belongs to. */
#ifndef AWL_MODEL_PARTITION_H
#define AWL_MODEL_PARTITION_H

#include "model/endpoint.h"

/* The partition's record in the pack (format.h), or NULL when there are no partitions
 * at all. */
const uint32_t *awl_partition_find(const struct awl_pack_words *partitions,
                                   awl_str region);

#endif
