#include "aws/timestamp.h"

#include <math.h>

#define NANOS_PER_SECOND 1000000000
#define SECONDS_PER_DAY 86400
#define DAYS_PER_ERA 146097   /* 400 years, after which the calendar repeats */
#define EPOCH_FROM_ERA 719468 /* days from 0000-03-01 to 1970-01-01 */
#define YEAR_MAX 9999

struct civil {
    int64_t year;
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
    int hour, minute, second;
    int weekday; /* 0 is Sunday; only when written */
};

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char weekday_names[] = "SunMonTueWedThuFriSat";

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* ---- the calendar: years that begin in March end with their leap day ---- */

static int64_t days_from_civil(const struct civil *civil)
{
    int64_t year = civil->year - (civil->month <= 2);
    int64_t era = floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t month = (civil->month + 9) % 12; /* March is 0 */
    int64_t day_of_year = (153 * month + 2) / 5 + civil->day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - EPOCH_FROM_ERA;
}

static void civil_from_days(int64_t days, struct civil *civil)
{
    civil->weekday = (int)((days % 7 + 11) % 7); /* day 0 was a Thursday */
    days += EPOCH_FROM_ERA;
    int64_t era = floor_div(days, DAYS_PER_ERA);
    int64_t day_of_era = days - era * DAYS_PER_ERA;
    int64_t year = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
                    day_of_era / (DAYS_PER_ERA - 1)) /
                   365;
    int64_t day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    civil->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    civil->month = (int)(month < 10 ? month + 3 : month - 9);
    civil->year = year + era * 400 + (civil->month <= 2);
}

static bool civil_from_time(struct awl_timestamp time, struct civil *civil)
{
    int64_t days = floor_div(time.seconds, SECONDS_PER_DAY);
    /* Far outside the four-digit years, before anything can overflow. */
    if (days < -DAYS_PER_ERA * 10 || days > DAYS_PER_ERA * 30)
        return false;
    int second = (int)(time.seconds - days * SECONDS_PER_DAY);
    civil_from_days(days, civil);
    civil->hour = second / 3600;
    civil->minute = second / 60 % 60;
    civil->second = second % 60;
    return civil->year >= 0 && civil->year <= YEAR_MAX;
}

static int month_days(int64_t year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* A second of 60 is the first of the next minute, as everywhere without leap
 * seconds. */
static bool civil_to_time(const struct civil *civil, int64_t offset,
                          struct awl_timestamp *time)
{
    if (civil->month < 1 || civil->month > 12 || civil->day < 1 ||
        civil->day > month_days(civil->year, civil->month) || civil->hour > 23 ||
        civil->minute > 59 || civil->second > 60)
        return false;
    time->seconds = days_from_civil(civil) * SECONDS_PER_DAY + civil->hour * 3600 +
                    civil->minute * 60 + civil->second - offset;
    return true;
}

/* ---- conversions ---- */

struct awl_timestamp awl_timestamp_from_ms(int64_t ms)
{
    int32_t rest = (int32_t)(ms % 1000); /* seconds * 1000 may not fit */
    if (rest < 0)
        rest += 1000;
    return (struct awl_timestamp){floor_div(ms, 1000), rest * 1000000};
}

int64_t awl_timestamp_to_ms(struct awl_timestamp time)
{
    if (time.seconds > INT64_MAX / 1000 - 1)
        return INT64_MAX;
    if (time.seconds < INT64_MIN / 1000)
        return INT64_MIN;
    return time.seconds * 1000 + time.nanoseconds / 1000000;
}

bool awl_timestamp_from_double(double seconds, struct awl_timestamp *time)
{
    double whole = floor(seconds);
    if (!(whole >= -9.2e18 && whole <= 9.2e18))
        return false;
    int64_t micros = (int64_t)floor((seconds - whole) * 1e6 + 0.5);
    time->seconds = (int64_t)whole + micros / 1000000;
    time->nanoseconds = (int32_t)(micros % 1000000) * 1000;
    return true;
}

double awl_timestamp_to_double(struct awl_timestamp time)
{
    return (double)time.seconds + (double)time.nanoseconds / NANOS_PER_SECOND;
}

/* ---- writing ---- */

static char *put_digits(char *at, int64_t value, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + width;
}

static char *put_text(char *at, const char *text, size_t len)
{
    memcpy(at, text, len);
    return at + len;
}

/* "." and up to `width` digits of the fraction; nothing when all of them are 0. */
static char *put_fraction(char *at, int32_t nanoseconds, int width)
{
    char digits[9];
    put_digits(digits, nanoseconds, 9);
    while (width > 0 && digits[width - 1] == '0')
        width--;
    if (width == 0)
        return at;
    *at++ = '.';
    return put_text(at, digits, (size_t)width);
}

static char *put_clock(char *at, const struct civil *civil, const char *divider)
{
    size_t len = strlen(divider);
    at = put_digits(at, civil->hour, 2);
    at = put_text(at, divider, len);
    at = put_digits(at, civil->minute, 2);
    at = put_text(at, divider, len);
    return put_digits(at, civil->second, 2);
}

enum awl_rc awl_timestamp_append_iso(struct awl_buf *out, struct awl_timestamp time)
{
    struct civil civil;
    char text[32], *at = text;
    if (!civil_from_time(time, &civil))
        return AWL_EINPUT;
    at = put_digits(at, civil.year, 4);
    *at++ = '-';
    at = put_digits(at, civil.month, 2);
    *at++ = '-';
    at = put_digits(at, civil.day, 2);
    *at++ = 'T';
    at = put_clock(at, &civil, ":");
    at = put_fraction(at, time.nanoseconds, 6);
    *at++ = 'Z';
    return awl_buf_append(out, text, (size_t)(at - text));
}

enum awl_rc awl_timestamp_append_http(struct awl_buf *out, struct awl_timestamp time)
{
    struct civil civil;
    char text[32], *at = text;
    if (!civil_from_time(time, &civil))
        return AWL_EINPUT;
    at = put_text(at, &weekday_names[3 * civil.weekday], 3);
    at = put_text(at, ", ", 2);
    at = put_digits(at, civil.day, 2);
    *at++ = ' ';
    at = put_text(at, &month_names[3 * (civil.month - 1)], 3);
    *at++ = ' ';
    at = put_digits(at, civil.year, 4);
    *at++ = ' ';
    at = put_clock(at, &civil, ":");
    at = put_text(at, " GMT", 4);
    return awl_buf_append(out, text, (size_t)(at - text));
}

enum awl_rc awl_timestamp_format_basic(struct awl_timestamp time,
                                       char out[AWL_TIMESTAMP_BASIC_LEN + 1])
{
    struct civil civil;
    if (!civil_from_time(time, &civil))
        return AWL_EINPUT;
    out = put_digits(out, civil.year, 4);
    out = put_digits(out, civil.month, 2);
    out = put_digits(out, civil.day, 2);
    *out++ = 'T';
    out = put_clock(out, &civil, "");
    put_text(out, "Z", 2);
    return AWL_OK;
}

enum awl_rc awl_timestamp_append_epoch(struct awl_buf *out, struct awl_timestamp time)
{
    char fraction[16];
    char *end = put_fraction(fraction, time.nanoseconds, 9);
    awl_buf_append_int64(out, time.seconds);
    awl_buf_append(out, fraction, (size_t)(end - fraction));
    return awl_buf_rc(out);
}

enum awl_rc awl_timestamp_append_number(struct awl_buf *out, struct awl_timestamp time)
{
    if (time.seconds < 0 && time.nanoseconds > 0) {
        time.seconds++;
        time.nanoseconds = NANOS_PER_SECOND - time.nanoseconds;
        if (time.seconds == 0)
            awl_buf_append_char(out, '-');
    }
    return awl_timestamp_append_epoch(out, time);
}

/* ---- reading ---- */

/* Takes `width` digits off the text. */
static bool take_digits(awl_str *text, size_t width, int *value)
{
    if (text->len < width)
        return false;
    *value = 0;
    for (size_t i = 0; i < width; i++) {
        if (!awl_char_is_digit(text->ptr[i]))
            return false;
        *value = *value * 10 + (text->ptr[i] - '0');
    }
    *text = awl_str_make(text->ptr + width, text->len - width);
    return true;
}

static bool take_char(awl_str *text, const char *any)
{
    if (text->len == 0 || text->ptr[0] == '\0' || strchr(any, text->ptr[0]) == NULL)
        return false;
    *text = awl_str_make(text->ptr + 1, text->len - 1);
    return true;
}

/* ".digits" or nothing; what is smaller than a nanosecond is dropped. */
static bool take_fraction(awl_str *text, int32_t *nanoseconds)
{
    int32_t unit = NANOS_PER_SECOND / 10;
    *nanoseconds = 0;
    if (!take_char(text, "."))
        return true;
    int digit;
    if (!take_digits(text, 1, &digit))
        return false;
    do {
        *nanoseconds += digit * unit;
        unit /= 10;
    } while (take_digits(text, 1, &digit));
    return true;
}

static bool take_clock(awl_str *text, struct civil *civil)
{
    return take_digits(text, 2, &civil->hour) && take_char(text, ":") &&
           take_digits(text, 2, &civil->minute) && take_char(text, ":") &&
           take_digits(text, 2, &civil->second);
}

/* "+02:00", "-0200", "+02": seconds east of Greenwich. */
static bool take_offset(awl_str *text, int64_t *offset)
{
    bool west = text->len > 0 && text->ptr[0] == '-';
    int hours, minutes = 0;
    if (!take_char(text, "+-") || !take_digits(text, 2, &hours))
        return false;
    if (take_char(text, ":") || text->len > 0) {
        if (!take_digits(text, 2, &minutes))
            return false;
    }
    *offset = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
    return hours <= 23 && minutes <= 59;
}

bool awl_timestamp_parse_iso(awl_str text, struct awl_timestamp *time)
{
    struct civil civil = {0};
    int year;
    int64_t offset = 0;
    time->nanoseconds = 0;
    if (!take_digits(&text, 4, &year) || !take_char(&text, "-") ||
        !take_digits(&text, 2, &civil.month) || !take_char(&text, "-") ||
        !take_digits(&text, 2, &civil.day))
        return false;
    civil.year = year;
    if (text.len == 0)
        return civil_to_time(&civil, 0, time);
    if (!take_char(&text, "Tt ") || !take_clock(&text, &civil) ||
        !take_fraction(&text, &time->nanoseconds))
        return false;
    if (text.len > 0 && !take_char(&text, "Zz") && !take_offset(&text, &offset))
        return false;
    return text.len == 0 && civil_to_time(&civil, offset, time);
}

bool awl_timestamp_parse_basic(awl_str text, struct awl_timestamp *time)
{
    struct civil civil = {0};
    int year;
    time->nanoseconds = 0;
    if (!take_digits(&text, 4, &year) || !take_digits(&text, 2, &civil.month) ||
        !take_digits(&text, 2, &civil.day) || !take_char(&text, "T") ||
        !take_digits(&text, 2, &civil.hour) || !take_digits(&text, 2, &civil.minute) ||
        !take_digits(&text, 2, &civil.second) || !take_char(&text, "Z") || text.len > 0)
        return false;
    civil.year = year;
    return civil_to_time(&civil, 0, time);
}

/* Takes letters off the text; *name is them. */
static bool take_word(awl_str *text, awl_str *word)
{
    size_t len = 0;
    while (len < text->len && awl_char_is_alpha(text->ptr[len]))
        len++;
    *word = awl_str_slice(*text, 0, len);
    *text = awl_str_make(text->ptr + len, text->len - len);
    return len > 0;
}

static bool take_month(awl_str *text, int *month)
{
    awl_str word;
    if (!take_word(text, &word) || word.len != 3)
        return false;
    for (int i = 0; i < 12; i++) {
        if (awl_str_eq_nocase(word, awl_str_make(&month_names[3 * i], 3))) {
            *month = i + 1;
            return true;
        }
    }
    return false;
}

/* Two digits, or one, which may have a space before it. */
static bool take_day(awl_str *text, int *day)
{
    if (take_digits(text, 2, day))
        return true;
    take_char(text, " ");
    return take_digits(text, 1, day);
}

/* Four digits, or two as in RFC 850: 70 to 99 are of the last century. */
static bool take_year(awl_str *text, int64_t *year)
{
    int value;
    if (take_digits(text, 4, &value)) {
        *year = value;
        return true;
    }
    if (!take_digits(text, 2, &value))
        return false;
    *year = value + (value >= 70 ? 1900 : 2000);
    return true;
}

static bool take_zone(awl_str *text, int64_t *offset)
{
    awl_str word;
    *offset = 0;
    if (!take_word(text, &word))
        return take_offset(text, offset);
    return awl_str_eq_nocase(word, STR("GMT")) || awl_str_eq_nocase(word, STR("UTC")) ||
           awl_str_eq_nocase(word, STR("UT")) || awl_str_eq_nocase(word, STR("Z"));
}

/* "Aug 30 12:36:00 2015": what follows the weekday in C's own form. */
static bool parse_asctime(awl_str text, struct awl_timestamp *time)
{
    struct civil civil = {0};
    if (!take_month(&text, &civil.month) || !take_char(&text, " ") ||
        !take_day(&text, &civil.day) || !take_char(&text, " ") ||
        !take_clock(&text, &civil) || !take_char(&text, " ") ||
        !take_year(&text, &civil.year) || text.len > 0)
        return false;
    return civil_to_time(&civil, 0, time);
}

bool awl_timestamp_parse_http(awl_str text, struct awl_timestamp *time)
{
    struct civil civil = {0};
    int64_t offset;
    awl_str weekday;
    time->nanoseconds = 0;
    if (take_word(&text, &weekday) && !take_char(&text, ","))
        return take_char(&text, " ") && parse_asctime(text, time);
    if (weekday.len > 0 && !take_char(&text, " "))
        return false;
    if (!take_day(&text, &civil.day) || !take_char(&text, " -") ||
        !take_month(&text, &civil.month) || !take_char(&text, " -") ||
        !take_year(&text, &civil.year) || !take_char(&text, " ") ||
        !take_clock(&text, &civil) || !take_fraction(&text, &time->nanoseconds) ||
        !take_char(&text, " ") || !take_zone(&text, &offset) || text.len > 0)
        return false;
    return civil_to_time(&civil, offset, time);
}

bool awl_timestamp_parse_epoch(awl_str text, struct awl_timestamp *time)
{
    size_t dot = awl_str_find(text, '.', 0);
    awl_str fraction = awl_str_slice(text, dot, text.len);
    return awl_str_to_int64(awl_str_slice(text, 0, dot), &time->seconds) &&
           take_fraction(&fraction, &time->nanoseconds) && fraction.len == 0;
}

bool awl_timestamp_parse_number(awl_str text, struct awl_timestamp *time)
{
    double value;
    if (awl_str_find(text, 'e', 0) != SIZE_MAX || awl_str_find(text, 'E', 0) != SIZE_MAX)
        return awl_str_to_double(text, &value) && awl_timestamp_from_double(value, time);
    if (!awl_timestamp_parse_epoch(text, time))
        return false;
    if (text.ptr[0] == '-' && time->nanoseconds > 0) {
        if (time->seconds == INT64_MIN)
            return false;
        time->seconds--;
        time->nanoseconds = NANOS_PER_SECOND - time->nanoseconds;
    }
    return true;
}

static int two_digits(const char *at)
{
    return awl_char_is_digit(at[0]) && awl_char_is_digit(at[1])
               ? (at[0] - '0') * 10 + (at[1] - '0')
               : 100;
}

/* "2026-11-01T12:00:00Z" and "2026-11-01T12:00:00.000Z", which nearly all services send:
 * false for anything else, valid or not. */
static bool parse_usual(awl_str text, struct awl_timestamp *time)
{
    const char *at = text.ptr;
    bool millis = text.len == 24 && at[19] == '.';
    if ((text.len != 20 && !millis) || at[4] != '-' || at[7] != '-' || at[10] != 'T' ||
        at[13] != ':' || at[16] != ':' || at[text.len - 1] != 'Z')
        return false;
    int century = two_digits(at), year = two_digits(at + 2);
    struct civil civil = {
        .month = two_digits(at + 5),
        .day = two_digits(at + 8),
        .hour = two_digits(at + 11),
        .minute = two_digits(at + 14),
        .second = two_digits(at + 17),
    };
    if (century > 99 || year > 99 || civil.month > 12 || civil.day > 31 ||
        civil.hour > 23 || civil.minute > 59 || civil.second > 59)
        return false;
    civil.year = century * 100 + year;
    time->nanoseconds = 0;
    if (millis) {
        int high = two_digits(at + 20);
        if (high > 99 || !awl_char_is_digit(at[22]))
            return false;
        time->nanoseconds = (high * 10 + (at[22] - '0')) * 1000000;
    }
    return civil_to_time(&civil, 0, time);
}

bool awl_timestamp_parse(awl_str text, struct awl_timestamp *time)
{
    return parse_usual(text, time) || awl_timestamp_parse_number(text, time) ||
           awl_timestamp_parse_iso(text, time) || awl_timestamp_parse_http(text, time);
}
