#include "aws/arn.h"

/* Takes the text up to the next ':' off `rest`; false when there is none. */
static bool field_next(awl_str *rest, awl_str *field)
{
    size_t colon = awl_str_find(*rest, ':', 0);
    if (colon == SIZE_MAX)
        return false;
    *field = awl_str_slice(*rest, 0, colon);
    *rest = awl_str_slice(*rest, colon + 1, rest->len);
    return true;
}

bool awl_arn_parse(awl_str text, struct awl_arn *arn)
{
    awl_str prefix;
    if (!field_next(&text, &prefix) || !awl_str_eq(prefix, STR("arn")) ||
        !field_next(&text, &arn->partition) || !field_next(&text, &arn->service) ||
        !field_next(&text, &arn->region) || !field_next(&text, &arn->account_id))
        return false;
    arn->resource = text;
    return arn->partition.len > 0 && arn->service.len > 0 && arn->resource.len > 0;
}

bool awl_arn_resource_next(awl_str *rest, awl_str *part)
{
    if (rest->ptr == NULL)
        return false;
    size_t i = 0;
    while (i < rest->len && rest->ptr[i] != ':' && rest->ptr[i] != '/')
        i++;
    *part = awl_str_slice(*rest, 0, i);
    /* A divider at the end is followed by one more, empty, part. */
    *rest = i < rest->len ? awl_str_make(rest->ptr + i + 1, rest->len - i - 1)
                          : awl_str_make(NULL, 0);
    return true;
}
