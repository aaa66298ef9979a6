/* host.h - what may stand in a host name, as AWS's endpoint rules ask it. */
#ifndef AWL_AWS_HOST_H
#define AWL_AWS_HOST_H

#include "base/str.h"

/* 1 to 63 of A-Z a-z 0-9 '-', no '-' at the edges; with `allow_subdomains` one or
 * more such labels with dots between them. */
bool awl_host_label_valid(awl_str text, bool allow_subdomains);

/* A bucket name that may go into a host name: at least 3 characters, labels as
 * above without upper case, not an IPv4 address. */
bool awl_host_s3_bucket_valid(awl_str bucket, bool allow_subdomains);

/* A region as clients accept it: a host label that is not all digits. */
bool awl_host_region_valid(awl_str region);

/* Four decimal numbers up to 255. */
bool awl_host_is_ipv4(awl_str text);

/* An IPv6 address without brackets; a zone ("%25eth0") is accepted. */
bool awl_host_is_ipv6(awl_str text);

/* 127.0.0.0/8, ::1 or localhost. */
bool awl_host_is_loopback(awl_str host);

#endif
