#include "cli/options.h"

#include <string.h>

#include "base/log.h"

#define WORDS_MAX (64 * 1024) /* bytes of AWL_OPTIONS */
#define NEAR_ENOUGH 3         /* edits between a typing error and what was meant */

static const struct awl_option table[] = {
    {"--profile", "profile", "NAME", "use this profile of the shared configuration files",
     AWL_OPTION_TEXT},
    {"--region", "region", "NAME", "the region of calls that name none", AWL_OPTION_TEXT},
    {"--endpoint-url", "endpoint_url", "URL", "send every call there", AWL_OPTION_TEXT},
    {"--debug", "debug", NULL, "log what awl does, on stderr", AWL_OPTION_FLAG},
    {"--log", "log", "LEVEL", "log from this level on: debug, info, warn, error, off",
     AWL_OPTION_LEVEL},
    {"--ca-bundle", "ca_bundle", "FILE", "trust these certificate authorities",
     AWL_OPTION_TEXT},
    {"--no-verify-ssl", "no_verify_ssl", NULL, "do not verify certificates (unsafe)",
     AWL_OPTION_FLAG},
    {"--no-sign-request", "no_sign_request", NULL, "send requests without credentials",
     AWL_OPTION_FLAG},
    {"--max-attempts", "max_attempts", "N", "try each call at most N times",
     AWL_OPTION_COUNT},
    {"--connect-timeout", "connect_timeout", "SECONDS", "for a connection to be made",
     AWL_OPTION_SECONDS},
    {"--read-timeout", "read_timeout", "SECONDS", "for the next bytes of an answer",
     AWL_OPTION_SECONDS},
    {"--max-connections", "max_connections", "N", "open at most N connections at a time",
     AWL_OPTION_COUNT},
    {"--max-connections-per-host", "max_connections_per_host", "N",
     "open at most N of them to one host", AWL_OPTION_COUNT},
    {"--local", "local", NULL, "run against the embedded emulator", AWL_OPTION_FLAG},
    {"--local-seed", "local_seed", "N", "the emulator's random numbers start here",
     AWL_OPTION_COUNT},
    {"--local-speed", "local_speed", "N", "the emulator's handlers sleep N times shorter",
     AWL_OPTION_SECONDS},
    {"--local-function", "local_function", "NAME=FILE", "a handler of the emulator",
     AWL_OPTION_PAIR},
    {"--local-verify", "local_verify", NULL, "the emulator checks signatures",
     AWL_OPTION_FLAG},
};

#define OPTION_COUNT (sizeof(table) / sizeof(table[0]))

void awl_options_init(struct awl_options *options)
{
    *options = (struct awl_options){.count = 0};
    awl_buf_init(&options->words, WORDS_MAX);
}

void awl_options_release(struct awl_options *options)
{
    awl_buf_release(&options->words);
}

const struct awl_option *awl_option_at(size_t index)
{
    return index < OPTION_COUNT ? &table[index] : NULL;
}

const struct awl_option *awl_option_find(awl_str name)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (awl_str_eq(awl_str_of(table[i].name), name))
            return &table[i];
    return NULL;
}

static enum awl_rc unknown(awl_str name, struct awl_error *err)
{
    const char *nearest = NULL;
    unsigned least = NEAR_ENOUGH + 1;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        unsigned distance = awl_str_distance(awl_str_of(table[i].name), name);
        if (distance < least) {
            least = distance;
            nearest = table[i].name;
        }
    }
    if (nearest != NULL)
        return awl_error_code(err, AWL_EINPUT, "UnknownOption",
                              "unknown option '%.*s', did you mean '%s'?", STR_ARG(name),
                              nearest);
    return awl_error_code(err, AWL_EINPUT, "UnknownOption",
                          "unknown option '%.*s'; 'awl help' lists the options",
                          STR_ARG(name));
}

static const char *complaint(enum awl_option_kind kind, awl_str text)
{
    enum awl_log_level level;
    int64_t count;
    double seconds;

    switch (kind) {
    case AWL_OPTION_FLAG:
        break;
    case AWL_OPTION_TEXT:
        return text.len > 0 ? NULL : "a value";
    case AWL_OPTION_LEVEL:
        return awl_log_level_parse(text.ptr, &level) ? NULL
                                                     : "debug, info, warn, error or off";
    case AWL_OPTION_COUNT:
        return awl_str_to_int64(text, &count) && count >= 0 ? NULL : "a whole number";
    case AWL_OPTION_SECONDS:
        return awl_str_to_double(text, &seconds) && seconds > 0 && seconds < 1e9
                   ? NULL
                   : "a number above 0";
    case AWL_OPTION_PAIR:
        count = (int64_t)awl_str_find(text, '=', 0);
        return count > 0 && (size_t)count < text.len - 1 ? NULL : "NAME=VALUE";
    }
    return NULL;
}

enum awl_rc awl_option_check(const struct awl_option *option, const char *text,
                             struct awl_error *err)
{
    const char *wanted = complaint(option->kind, awl_str_of(text));
    if (wanted == NULL)
        return AWL_OK;
    return awl_error_code(err, AWL_EINPUT, "InvalidOption",
                          "option '%s' takes %s, not '%s'", option->name, wanted, text);
}

static enum awl_rc add(struct awl_options *options, const struct awl_option *option,
                       const char *text, struct awl_error *err)
{
    if (options->count == AWL_SETTINGS_MAX)
        return awl_error_set(err, AWL_ELIMIT, "more than %d options", AWL_SETTINGS_MAX);
    if (text != NULL && awl_option_check(option, text, err) != AWL_OK)
        return AWL_EINPUT;
    options->settings[options->count++] =
        (struct awl_setting){.option = option, .text = text};
    return AWL_OK;
}

/* One option "--name", "--name value" or "--name=value" at words[*at]; moves *at past
 * it. */
static enum awl_rc read_long(struct awl_options *options, int count, char **words,
                             int *at, struct awl_error *err)
{
    awl_str word = awl_str_of(words[*at]);
    size_t equals = awl_str_find(word, '=', 0);
    awl_str name = awl_str_slice(word, 0, equals);
    const char *text = equals != SIZE_MAX ? word.ptr + equals + 1 : NULL;

    const struct awl_option *option = awl_option_find(name);
    if (option == NULL)
        return unknown(name, err);
    (*at)++;
    if (option->kind == AWL_OPTION_FLAG) {
        if (text != NULL)
            return awl_error_code(err, AWL_EINPUT, "InvalidOption",
                                  "option '%s' takes no value", option->name);
    } else if (text == NULL) {
        if (*at >= count)
            return awl_error_code(err, AWL_EINPUT, "InvalidOption",
                                  "option '%s' needs a value: %s", option->name,
                                  option->metavar);
        text = words[(*at)++];
    }
    return add(options, option, text, err);
}

static bool is_word(const char *word, const char *one, const char *other)
{
    return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

enum awl_rc awl_options_read(struct awl_options *options, int argc, char **argv, int from,
                             int *next, struct awl_error *err)
{
    int at = from;

    while (at < argc && argv[at][0] == '-' && argv[at][1] != '\0') {
        const char *word = argv[at];
        if (strcmp(word, "--") == 0) {
            at++;
            break;
        }
        if (strcmp(word, "-e") == 0) {
            if (at + 1 >= argc)
                return awl_error_code(err, AWL_EINPUT, "InvalidOption",
                                      "option '-e' needs a value: CODE");
            options->code = argv[at + 1];
            at += 2;
            break;
        }
        if (is_word(word, "--help", "-h") || is_word(word, "--version", "-v")) {
            options->help = options->help || is_word(word, "--help", "-h");
            options->version = options->version || is_word(word, "--version", "-v");
            at++;
        } else if (word[1] != '-') {
            return unknown(awl_str_of(word), err);
        } else if (read_long(options, argc, argv, &at, err) != AWL_OK) {
            return AWL_EINPUT;
        }
    }
    *next = at;
    return AWL_OK;
}

/* Appends the next word of *text and a NUL; false at the end of the text, and with
 * *open set for a quote that is never closed. */
static bool cut_word(struct awl_buf *words, const char **text, bool *open)
{
    const char *at = *text + strspn(*text, " \t\r\n");
    char quote = '\0';

    if (*at == '\0')
        return false;
    for (; *at != '\0' && (quote != '\0' || strchr(" \t\r\n", *at) == NULL); at++) {
        if (quote == '\0' && (*at == '\'' || *at == '"'))
            quote = *at;
        else if (quote != '\0' && *at == quote)
            quote = '\0';
        else if (*at == '\\' && quote != '\'' && at[1] != '\0')
            awl_buf_append_char(words, *++at);
        else
            awl_buf_append_char(words, *at);
    }
    awl_buf_append_char(words, '\0');
    *text = at;
    *open = quote != '\0';
    return !*open;
}

enum awl_rc awl_options_read_text(struct awl_options *options, const char *text,
                                  struct awl_error *err)
{
    char *words[AWL_SETTINGS_MAX * 2];
    int count = 0;
    int at = 0;
    bool open = false;

    awl_buf_clear(&options->words);
    while (cut_word(&options->words, &text, &open))
        count++;
    if (open)
        return awl_error_set(err, AWL_EINPUT, "AWL_OPTIONS: a quote is not closed");
    if (awl_buf_rc(&options->words) != AWL_OK || count > AWL_SETTINGS_MAX * 2)
        return awl_error_set(err, AWL_ELIMIT, "AWL_OPTIONS: too long");
    char *word = options->words.ptr;
    for (int i = 0; i < count; i++, word += strlen(word) + 1)
        words[i] = word;
    while (at < count) {
        bool option = words[at][0] == '-' && words[at][1] == '-';
        if (!option)
            awl_error_set(err, AWL_EINPUT, "'%s' is not an option", words[at]);
        if (!option || read_long(options, count, words, &at, err) != AWL_OK) {
            awl_error_prefix(err, "AWL_OPTIONS");
            return AWL_EINPUT;
        }
    }
    return AWL_OK;
}
