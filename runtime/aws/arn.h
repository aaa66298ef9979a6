/* arn.h - Amazon Resource Names. */
#ifndef AWL_AWS_ARN_H
#define AWL_AWS_ARN_H

#include "base/str.h"

/* arn:partition:service:region:account:resource. Slices of the text given. */
struct awl_arn {
    awl_str partition;
    awl_str service;
    awl_str region;     /* may be empty */
    awl_str account_id; /* may be empty */
    awl_str resource;   /* everything after the fifth ':' */
};

/* False unless partition, service and resource are there and not empty. */
bool awl_arn_parse(awl_str text, struct awl_arn *arn);

/* Takes the next part off a resource, which ':' and '/' divide; parts may be empty.
 * Begin with `*rest` the resource; false after the last part. */
bool awl_arn_resource_next(awl_str *rest, awl_str *part);

#endif
