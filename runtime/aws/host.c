#include "aws/host.h"

#define LABEL_LEN_MAX 63
#define BUCKET_LEN_MIN 3

static bool label_valid(awl_str label)
{
    if (label.len == 0 || label.len > LABEL_LEN_MAX || label.ptr[0] == '-' ||
        label.ptr[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++) {
        if (!awl_char_is_alnum(label.ptr[i]) && label.ptr[i] != '-')
            return false;
    }
    return true;
}

bool awl_host_label_valid(awl_str text, bool allow_subdomains)
{
    if (!allow_subdomains)
        return label_valid(text);
    for (;;) {
        size_t dot = awl_str_find(text, '.', 0);
        if (!label_valid(awl_str_slice(text, 0, dot)))
            return false;
        if (dot == SIZE_MAX)
            return true;
        text = awl_str_slice(text, dot + 1, text.len);
    }
}

bool awl_host_s3_bucket_valid(awl_str bucket, bool allow_subdomains)
{
    if (bucket.len < BUCKET_LEN_MIN || awl_host_is_ipv4(bucket))
        return false;
    for (size_t i = 0; i < bucket.len; i++) {
        if (bucket.ptr[i] >= 'A' && bucket.ptr[i] <= 'Z')
            return false;
    }
    return awl_host_label_valid(bucket, allow_subdomains);
}

static bool all_digits(awl_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!awl_char_is_digit(text.ptr[i]))
            return false;
    }
    return true;
}

bool awl_host_region_valid(awl_str region)
{
    return label_valid(region) && !all_digits(region);
}

bool awl_host_is_ipv4(awl_str text)
{
    for (int part = 0; part < 4; part++) {
        size_t dot = awl_str_find(text, '.', 0);
        awl_str number = awl_str_slice(text, 0, dot);
        int64_t value;
        if ((dot == SIZE_MAX) != (part == 3) || number.len > 3 || !all_digits(number) ||
            !awl_str_to_int64(number, &value) || value > 255)
            return false;
        text = awl_str_slice(text, dot == SIZE_MAX ? text.len : dot + 1, text.len);
    }
    return true;
}

static bool is_hextet(awl_str text)
{
    if (text.len == 0 || text.len > 4)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = awl_char_lower(text.ptr[i]);
        if (!awl_char_is_digit(c) && (c < 'a' || c > 'f'))
            return false;
    }
    return true;
}

bool awl_host_is_ipv6(awl_str text)
{
    unsigned groups = 0;
    bool shortened = false;
    text = awl_str_slice(text, 0, awl_str_find(text, '%', 0));
    if (awl_str_starts(text, STR("::"))) {
        shortened = true;
        text = awl_str_slice(text, 2, text.len);
        if (text.len == 0)
            return true;
    }
    for (;;) {
        size_t colon = awl_str_find(text, ':', 0);
        awl_str group = awl_str_slice(text, 0, colon);
        if (colon == SIZE_MAX && awl_host_is_ipv4(group)) {
            groups += 2;
            break;
        }
        if (!is_hextet(group))
            return false;
        groups++;
        if (colon == SIZE_MAX)
            break;
        text = awl_str_slice(text, colon + 1, text.len);
        if (text.len > 0 && text.ptr[0] == ':') {
            if (shortened)
                return false;
            shortened = true;
            text = awl_str_slice(text, 1, text.len);
            if (text.len == 0)
                break;
        }
    }
    return shortened ? groups < 8 : groups == 8;
}

bool awl_host_is_loopback(awl_str host)
{
    return awl_str_eq_nocase(host, STR("localhost")) || awl_str_eq(host, STR("::1")) ||
           (awl_str_starts(host, STR("127.")) && awl_host_is_ipv4(host));
}
