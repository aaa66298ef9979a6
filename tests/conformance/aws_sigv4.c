/* SigV4 and SigV4A: canonical request, string to sign, signature and signed request. */
#include "aws_vectors.h"

#include <stdio.h>

#include "aws/sigv4.h"
#include "aws/sigv4a.h"
#include "aws/timestamp.h"
#include "aws/uri.h"

#define TEXT_MAX ((size_t)1 << 20)

/* The key that all cases use which name none. */
static const struct awl_credentials example_credentials = {
    .access_key_id = {"AKIDEXAMPLE", 11},
    .secret_access_key = {"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40},
};

/* A request as text, taken apart. */
struct request {
    awl_str method, path, query, body;
    struct awl_headers headers;
};

/* One case and what is needed to run it. */
struct run {
    struct vectors_suite *suite;
    const char *name;
    const char *folder;
    struct awl_sigv4 *sigv4;
    struct awl_sigv4_trace trace;
    struct awl_sigv4_params params;
    struct awl_credentials credentials;
    int64_t expires;
    struct awl_sigv4a_key *public_key; /* SigV4A: by which signatures are judged */
    bool failed;
    unsigned compared;
};

/* ---- requests ---- */

static awl_str line_take(awl_str *text)
{
    size_t end = awl_str_find(*text, '\n', 0);
    awl_str line = awl_str_slice(*text, 0, end);
    *text = end == SIZE_MAX ? awl_str_make(NULL, 0)
                            : awl_str_slice(*text, end + 1, text->len);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* "METHOD TARGET[ HTTP/1.1]"; the target may have blanks. */
static void request_line_read(struct request *request, awl_str line)
{
    size_t space = awl_str_find(line, ' ', 0);
    request->method = awl_str_slice(line, 0, space);
    awl_str target = awl_str_slice(line, space, line.len);
    target = awl_str_slice(target, 1, target.len);
    for (size_t i = target.len; i > 0; i--) {
        if (awl_str_starts(awl_str_slice(target, i - 1, target.len), STR(" HTTP/"))) {
            target = awl_str_slice(target, 0, i - 1);
            break;
        }
    }
    size_t mark = awl_str_find(target, '?', 0);
    request->path = awl_str_slice(target, 0, mark);
    request->query =
        mark == SIZE_MAX ? STR("") : awl_str_slice(target, mark + 1, target.len);
}

static bool field_add(struct request *request, struct awl_buf *field)
{
    awl_str text = awl_buf_str(field);
    if (text.len == 0)
        return true;
    size_t colon = awl_str_find(text, ':', 0);
    awl_str value = awl_str_slice(text, colon, text.len);
    return awl_headers_add(&request->headers, awl_str_slice(text, 0, colon),
                           awl_str_slice(value, 1, value.len)) == AWL_OK;
}

/* A line that begins with white space goes on with the one before it. */
static bool fields_read(struct request *request, awl_str *text)
{
    struct awl_buf field;
    bool ok = true;
    awl_buf_init(&field, TEXT_MAX);
    while (text->len > 0 && ok) {
        awl_str line = line_take(text);
        bool goes_on = line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t');
        if (!goes_on) {
            ok = field_add(request, &field);
            awl_buf_clear(&field);
        }
        if (line.len == 0)
            break;
        awl_buf_append_str(&field, line);
    }
    ok = ok && field_add(request, &field);
    awl_buf_release(&field);
    return ok;
}

static bool request_read(struct request *request, awl_str text)
{
    request_line_read(request, line_take(&text));
    awl_headers_init(&request->headers, TEXT_MAX);
    bool ok = fields_read(request, &text);
    request->body = text;
    return ok;
}

static void request_release(struct request *request)
{
    awl_headers_release(&request->headers);
}

/* ---- comparing ---- */

static void run_fail(struct run *run, const char *what, awl_str actual, awl_str expected)
{
    if (!run->failed)
        vectors_fail(run->suite, run->name, "%s\n--- actual\n%.*s\n--- expected\n%.*s",
                     what, STR_ARG(actual), STR_ARG(expected));
    run->failed = true;
}

/* With a file of that name; without one there is nothing to compare. */
static void compare_file(struct run *run, const char *file, awl_str actual)
{
    awl_str expected;
    if (!vectors_read(vectors_path(run->folder, file), &expected))
        return;
    run->compared++;
    while (expected.len > 0 && expected.ptr[expected.len - 1] == '\n')
        expected.len--;
    if (!awl_str_eq(actual, expected))
        run_fail(run, file, actual, expected);
}

/* Equal but for the white space, which lines that go on leave in the value. */
static bool value_eq(awl_str a, awl_str b)
{
    size_t i = 0, j = 0;
    a = awl_str_trim(a);
    b = awl_str_trim(b);
    while (i < a.len && j < b.len) {
        if (a.ptr[i] != b.ptr[j])
            return false;
        bool blank = a.ptr[i] == ' ';
        for (i++; blank && i < a.len && a.ptr[i] == ' ';)
            i++;
        for (j++; blank && j < b.len && b.ptr[j] == ' ';)
            j++;
    }
    return i == a.len && j == b.len;
}

/* How often a field with this name and value occurs. */
static unsigned field_count(const struct awl_headers *headers, awl_str name,
                            awl_str value)
{
    unsigned count = 0;
    for (size_t i = 0; i < headers->count; i++) {
        if (awl_str_eq_nocase(awl_headers_name(headers, i), name) &&
            value_eq(awl_headers_value(headers, i), value))
            count++;
    }
    return count;
}

static void compare_headers(struct run *run, const char *what,
                            const struct awl_headers *actual,
                            const struct awl_headers *expected, awl_str except)
{
    for (size_t i = 0; i < expected->count; i++) {
        awl_str name = awl_headers_name(expected, i);
        awl_str value = awl_headers_value(expected, i);
        if (!awl_str_eq_nocase(name, except) &&
            field_count(actual, name, value) != field_count(expected, name, value))
            run_fail(run, what, name, value);
    }
    if (actual->count != expected->count)
        run_fail(run, what, STR("another number of header fields"), STR(""));
}

static unsigned pair_count(awl_str query, awl_str key, awl_str value)
{
    awl_str k, v;
    unsigned count = 0;
    while (awl_query_next(&query, &k, &v))
        count += awl_str_eq(k, key) && awl_str_eq(v, value);
    return count;
}

/* The order of the parameters does not matter. */
static void compare_query(struct run *run, const char *what, awl_str actual,
                          awl_str expected)
{
    awl_str rest = expected, key, value;
    if (actual.len != expected.len)
        run_fail(run, what, actual, expected);
    while (awl_query_next(&rest, &key, &value)) {
        if (pair_count(actual, key, value) != pair_count(expected, key, value))
            run_fail(run, what, actual, expected);
    }
}

/* The signature after `mark` in a text, up to `end`; cut out of the text if `rest` is
 * given. */
static awl_str signature_in(awl_str text, awl_str mark, char end, struct awl_buf *rest)
{
    size_t from = 0;
    while (from < text.len && !awl_str_starts(awl_str_slice(text, from, text.len), mark))
        from++;
    size_t until = awl_str_find(text, end, from + mark.len);
    if (until == SIZE_MAX || until > text.len)
        until = text.len;
    if (rest != NULL) {
        awl_buf_append_str(rest, awl_str_slice(text, 0, from));
        awl_buf_append_str(rest, awl_str_slice(text, until, text.len));
    }
    return awl_str_slice(text, from + mark.len, until);
}

/* ECDSA's signatures differ each time: they are verified with the case's public key. */
static void verify(struct run *run, const char *what, awl_str signature)
{
    run->compared++;
    if (!awl_sigv4a_key_verify(run->public_key, awl_buf_str(&run->trace.string_to_sign),
                               signature))
        run_fail(run, what, signature, STR("a signature of the string to sign"));
}

/* Of a whole request: what stands before the signature is compared, ours and the given
 * signature are verified. */
static void compare_authorization(struct run *run, const char *file,
                                  const struct awl_headers *actual,
                                  const struct awl_headers *expected)
{
    struct awl_buf ours, theirs;
    awl_str a = STR(""), b = STR("");
    awl_buf_init(&ours, TEXT_MAX);
    awl_buf_init(&theirs, TEXT_MAX);
    awl_headers_get(actual, STR("Authorization"), &a);
    awl_headers_get(expected, STR("Authorization"), &b);
    verify(run, file, signature_in(a, STR("Signature="), ',', &ours));
    verify(run, file, signature_in(b, STR("Signature="), ',', &theirs));
    if (!awl_str_eq(awl_buf_str(&ours), awl_buf_str(&theirs)))
        run_fail(run, file, a, b);
    awl_buf_release(&ours);
    awl_buf_release(&theirs);
}

static void compare_signed_query(struct run *run, const char *file, awl_str actual,
                                 awl_str expected)
{
    const awl_str mark = STR("X-Amz-Signature=");
    struct awl_buf ours, theirs;
    awl_buf_init(&ours, TEXT_MAX);
    awl_buf_init(&theirs, TEXT_MAX);
    verify(run, file, signature_in(actual, mark, '&', &ours));
    verify(run, file, signature_in(expected, mark, '&', &theirs));
    compare_query(run, file, awl_buf_str(&ours), awl_buf_str(&theirs));
    awl_buf_release(&ours);
    awl_buf_release(&theirs);
}

static void compare_signature(struct run *run, const char *file, awl_str actual)
{
    awl_str expected;
    if (run->public_key == NULL) {
        compare_file(run, file, actual);
    } else if (vectors_read(vectors_path(run->folder, file), &expected)) {
        verify(run, file, actual);
        verify(run, file, awl_str_trim(expected));
    }
}

static void compare_signed_request(struct run *run, const char *file,
                                   const struct request *actual, awl_str query,
                                   awl_str except)
{
    awl_str text;
    struct request expected;
    if (!vectors_read(vectors_path(run->folder, file), &text))
        return;
    run->compared++;
    if (!request_read(&expected, text))
        run_fail(run, file, STR("unreadable"), text);
    if (!awl_str_eq(actual->method, expected.method))
        run_fail(run, file, actual->method, expected.method);
    if (!awl_str_eq(actual->path, expected.path))
        run_fail(run, file, actual->path, expected.path);
    if (!awl_str_eq(awl_str_trim(actual->body), awl_str_trim(expected.body)))
        run_fail(run, file, actual->body, expected.body);
    if (run->public_key != NULL && awl_str_starts(awl_str_of(file), STR("query-"))) {
        compare_signed_query(run, file, query, expected.query);
    } else {
        compare_query(run, file, query, expected.query);
    }
    if (run->public_key != NULL && awl_str_starts(awl_str_of(file), STR("header-"))) {
        compare_authorization(run, file, &actual->headers, &expected.headers);
        except = STR("Authorization");
    }
    compare_headers(run, file, &actual->headers, &expected.headers, except);
    request_release(&expected);
}

/* ---- signing ---- */

static struct awl_sigv4_target target_of(const struct request *request)
{
    return (struct awl_sigv4_target){
        .method = request->method, .path = request->path, .query = request->query};
}

static bool run_request(struct run *run, const char *file, struct request *request,
                        char hash[AWL_SHA256_HEX_LEN + 1])
{
    awl_str text;
    if (!vectors_read(vectors_path(run->folder, file), &text) ||
        !request_read(request, text)) {
        run_fail(run, file, STR("missing or unreadable"), STR(""));
        return false;
    }
    awl_sha256_hex_of(request->body, hash);
    return true;
}

static void run_in_headers(struct run *run)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct request request;
    char hash[AWL_SHA256_HEX_LEN + 1];
    awl_str authorization = STR("");
    if (!run_request(run, "request.txt", &request, hash))
        return;
    struct awl_sigv4_target target = target_of(&request);
    if (awl_sigv4_sign(run->sigv4, &run->params, &run->credentials, &target,
                       awl_str_of(hash), &request.headers, NULL, &err) != AWL_OK) {
        run_fail(run, "signing", awl_str_of(err.message), STR(""));
    } else {
        compare_file(run, "header-canonical-request.txt",
                     awl_buf_str(&run->trace.canonical_request));
        compare_file(run, "header-string-to-sign.txt",
                     awl_buf_str(&run->trace.string_to_sign));
        awl_headers_get(&request.headers, STR("Authorization"), &authorization);
        compare_signature(run, "header-signature.txt",
                          signature_in(authorization, STR("Signature="), ',', NULL));
        compare_signed_request(run, "header-signed-request.txt", &request, request.query,
                               STR(""));
        compare_signed_request(run, "signed.txt", &request, request.query, STR(""));
    }
    request_release(&request);
}

static void run_in_query(struct run *run)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct request request;
    struct awl_buf query;
    char hash[AWL_SHA256_HEX_LEN + 1];
    if (!run_request(run, "request.txt", &request, hash))
        return;
    struct awl_sigv4_target target = target_of(&request);
    awl_buf_init(&query, TEXT_MAX);
    awl_buf_append_str(&query, request.query);
    if (awl_sigv4_presign(run->sigv4, &run->params, &run->credentials, &target,
                          awl_str_of(hash), &request.headers, (uint32_t)run->expires,
                          &query, &err) != AWL_OK) {
        run_fail(run, "presigning", awl_str_of(err.message), STR(""));
    } else {
        awl_str all = awl_buf_str(&query);
        compare_file(run, "query-canonical-request.txt",
                     awl_buf_str(&run->trace.canonical_request));
        compare_file(run, "query-string-to-sign.txt",
                     awl_buf_str(&run->trace.string_to_sign));
        compare_signature(run, "query-signature.txt",
                          signature_in(all, STR("X-Amz-Signature="), '&', NULL));
        compare_signed_request(run, "query-signed-request.txt", &request, all, STR(""));
    }
    awl_buf_release(&query);
    request_release(&request);
}

/* The third line of a string to sign is date/region/service/aws4_request, the second
 * the time. */
static bool params_from_string_to_sign(struct run *run, const char *file)
{
    awl_str text;
    struct awl_timestamp time;
    if (!vectors_read(vectors_path(run->folder, file), &text))
        return false;
    line_take(&text);
    if (!awl_timestamp_parse_basic(line_take(&text), &time))
        return false;
    run->params.now_ms = awl_timestamp_to_ms(time);
    awl_str scope = line_take(&text);
    size_t day = awl_str_find(scope, '/', 0);
    size_t region = awl_str_find(scope, '/', day + 1);
    size_t service = awl_str_find(scope, '/', region + 1);
    run->params.region = awl_str_slice(scope, day + 1, region);
    run->params.service = awl_str_slice(scope, region + 1, service);
    return service != SIZE_MAX;
}

static awl_str either(const struct vectors_json *a, const struct vectors_json *b,
                      const char *key)
{
    awl_str text = vectors_text(a, key);
    return text.len > 0 ? text : vectors_text(b, key);
}

static bool params_from_context(struct run *run)
{
    const char *path = vectors_path(run->folder, "context.json");
    if (!vectors_exists(path))
        return params_from_string_to_sign(run, "header-string-to-sign.txt");
    const struct vectors_json *context = vectors_json_read(path);
    const struct vectors_json *more = vectors_get(context, "properties");
    const struct vectors_json *keys = vectors_get(context, "credentials");
    struct awl_timestamp time;
    if (context == NULL ||
        !awl_timestamp_parse_iso(either(context, more, "timestamp"), &time))
        return false;
    if (keys != NULL) {
        run->credentials.access_key_id = vectors_text(keys, "access_key_id");
        run->credentials.secret_access_key = vectors_text(keys, "secret_access_key");
        run->credentials.session_token = vectors_text(keys, "token");
    }
    run->params.now_ms = awl_timestamp_to_ms(time);
    run->params.region = either(context, more, "region");
    run->params.service = either(context, more, "service");
    run->params.normalize_path = vectors_bool(context, "normalize", true);
    run->params.double_encode_path = vectors_bool(context, "double_uri_encode", true);
    run->params.add_content_sha256 = vectors_bool(context, "sign_body", false);
    run->params.token_unsigned = vectors_bool(context, "omit_session_token", false);
    run->expires = vectors_int(context, "expiration_in_seconds", run->expires);
    return true;
}

static bool coordinate_read(const struct vectors_json *point, const char *name,
                            uint8_t coordinate[AWL_SIGV4A_COORDINATE_LEN])
{
    awl_str text = vectors_text(point, name);
    return text.len == 2 * AWL_SIGV4A_COORDINATE_LEN && awl_hex_decode(coordinate, text);
}

/* The key that the credentials give has to be the case's public key, if it has one. */
static void public_key_from_file(struct run *run)
{
    uint8_t x[AWL_SIGV4A_COORDINATE_LEN], y[AWL_SIGV4A_COORDINATE_LEN];
    uint8_t own_x[AWL_SIGV4A_COORDINATE_LEN], own_y[AWL_SIGV4A_COORDINATE_LEN];
    const char *path = vectors_path(run->folder, "public-key.json");
    if (awl_sigv4a_key_new(&run->credentials, &run->public_key) != AWL_OK) {
        run_fail(run, "deriving the key", STR("failed"), STR(""));
        return;
    }
    if (!vectors_exists(path))
        return;
    awl_sigv4a_key_point(run->public_key, own_x, own_y);
    awl_sigv4a_key_free(run->public_key);
    run->public_key = NULL;
    run->compared++;
    const struct vectors_json *point = vectors_json_read(path);
    if (!coordinate_read(point, "X", x) || !coordinate_read(point, "Y", y) ||
        awl_sigv4a_key_of_point(x, y, &run->public_key) != AWL_OK)
        run_fail(run, "public-key.json", STR("no point of the curve"), STR(""));
    else if (memcmp(x, own_x, sizeof x) != 0 || memcmp(y, own_y, sizeof y) != 0)
        run_fail(run, "public-key.json", STR("another key was derived"), STR(""));
}

static bool run_begin(struct run *run, struct vectors_suite *suite, const char *name,
                      const char *folder)
{
    *run = (struct run){.suite = suite,
                        .name = name,
                        .folder = folder,
                        .sigv4 = awl_sigv4_new(),
                        .credentials = example_credentials,
                        .expires = 3600};
    awl_buf_init(&run->trace.canonical_request, TEXT_MAX);
    awl_buf_init(&run->trace.string_to_sign, TEXT_MAX);
    run->params.double_encode_path = true;
    run->params.normalize_path = true;
    run->params.trace = &run->trace;
    return run->sigv4 != NULL;
}

static void run_end(struct run *run)
{
    if (!run->failed && run->compared > 0)
        vectors_pass(run->suite);
    else if (!run->failed)
        vectors_skip(run->suite, run->name, "the case has no expected results");
    awl_buf_release(&run->trace.canonical_request);
    awl_buf_release(&run->trace.string_to_sign);
    awl_sigv4_free(run->sigv4);
    awl_sigv4a_key_free(run->public_key);
}

static void run_case(struct vectors_suite *suite, const char *name, const char *folder,
                     bool asymmetric)
{
    struct run run;
    if (!vectors_exists(vectors_path(folder, "request.txt")) ||
        (!vectors_exists(vectors_path(folder, "context.json")) &&
         !vectors_exists(vectors_path(folder, "header-string-to-sign.txt")))) {
        vectors_skip(suite, name, "the case has no request or no context");
        return;
    }
    if (!run_begin(&run, suite, name, folder) || !params_from_context(&run))
        run_fail(&run, "context.json", STR("unreadable"), STR(""));
    run.params.asymmetric = asymmetric;
    if (!run.failed && asymmetric)
        public_key_from_file(&run);
    if (!run.failed) {
        run_in_headers(&run);
        run_in_query(&run);
    }
    run_end(&run);
}

/* ---- the classic suite: NAME/NAME.req and what comes of it ---- */

/* The value of a field in the lines of a file, or "". */
static awl_str line_value(const char *path, awl_str name)
{
    awl_str text;
    if (!vectors_read(path, &text))
        return STR("");
    while (text.len > 0) {
        awl_str line = line_take(&text);
        if (awl_str_starts_nocase(line, name))
            return awl_str_trim(awl_str_slice(line, name.len, line.len));
    }
    return STR("");
}

static void run_classic(struct vectors_suite *suite, const char *folder, const char *name,
                        const char *base)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct request request;
    struct run run;
    char hash[AWL_SHA256_HEX_LEN + 1], file[256];
    awl_str authorization = STR("");

    snprintf(file, sizeof file, "%s.sts", base);
    if (!run_begin(&run, suite, name, folder) || !params_from_string_to_sign(&run, file))
        run_fail(&run, file, STR("missing or unreadable"), STR(""));
    snprintf(file, sizeof file, "%s.sreq", base);
    run.credentials.session_token =
        line_value(vectors_path(folder, file), STR("x-amz-security-token:"));
    snprintf(file, sizeof file, "%s.creq", base);
    run.params.token_unsigned =
        line_value(vectors_path(folder, file), STR("x-amz-security-token:")).len == 0;
    snprintf(file, sizeof file, "%s.req", base);
    if (run.failed || !run_request(&run, file, &request, hash)) {
        run_end(&run);
        return;
    }
    struct awl_sigv4_target target = target_of(&request);
    if (awl_sigv4_sign(run.sigv4, &run.params, &run.credentials, &target,
                       awl_str_of(hash), &request.headers, NULL, &err) != AWL_OK)
        run_fail(&run, "signing", awl_str_of(err.message), STR(""));
    snprintf(file, sizeof file, "%s.creq", base);
    compare_file(&run, file, awl_buf_str(&run.trace.canonical_request));
    snprintf(file, sizeof file, "%s.sts", base);
    compare_file(&run, file, awl_buf_str(&run.trace.string_to_sign));
    awl_headers_get(&request.headers, STR("Authorization"), &authorization);
    snprintf(file, sizeof file, "%s.authz", base);
    compare_file(&run, file, authorization);
    /* Its Authorization is in .authz; that of one .sreq is another case's. */
    snprintf(file, sizeof file, "%s.sreq", base);
    compare_signed_request(&run, file, &request, request.query, STR("Authorization"));
    request_release(&request);
    run_end(&run);
}

static void classic_folder(struct vectors_suite *suite, const char *folder,
                           const char *name, unsigned depth)
{
    const char **entries = depth < 8 ? vectors_list(folder) : NULL;
    for (; entries != NULL && *entries != NULL; entries++) {
        awl_str entry = awl_str_of(*entries);
        char base[128];
        if (awl_str_ends(entry, STR(".req"))) {
            snprintf(base, sizeof base, "%.*s", (int)(entry.len - 4), entry.ptr);
            run_classic(suite, folder, vectors_path(name, base), base);
        } else {
            classic_folder(suite, vectors_path(folder, *entries), name, depth + 1);
        }
    }
}

void aws_vectors_sigv4(struct vectors_suite *suite, const char *folder)
{
    static const char *const sets[] = {"v4", "v4-extra", "v4a"};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        const char *set = vectors_path(folder, sets[i]);
        const char **names = vectors_list(set);
        for (; names != NULL && *names != NULL; names++)
            run_case(suite, vectors_path(sets[i], *names), vectors_path(set, *names),
                     strcmp(sets[i], "v4a") == 0);
    }
    classic_folder(suite, vectors_path(folder, "classic"), "classic", 0);
}
