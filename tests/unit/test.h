/* test.h - what every C test starts from: cmocka and short checks.
 *
 * TEST(sentence_about_behaviour) { ... } defines a case; the file ends with
 * TEST_MAIN(RUN(case), RUN(case), ...). */
#ifndef AWL_TEST_H
#define AWL_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#define TEST(name) static void name(void **state)
#define RUN(name) cmocka_unit_test(name)

#define TEST_MAIN(...)                                                                   \
    int main(void)                                                                       \
    {                                                                                    \
        const struct CMUnitTest tests[] = {__VA_ARGS__};                                 \
        return cmocka_run_group_tests(tests, NULL, NULL);                                \
    }

#define UNUSED_STATE (void)state

#define CHECK(expression) assert_true(expression)
#define CHECK_INT(actual, expected) assert_int_equal((actual), (expected))
#define CHECK_OK(expression) assert_int_equal((expression), AWL_OK)
#define CHECK_RC(expression, rc) assert_int_equal((expression), (rc))

/* Compares an awl_str with a literal or other C string. */
#define CHECK_STR(actual, expected)                                                      \
    test_check_str((actual), (expected), __FILE__, __LINE__)
#define CHECK_BUF(actual, expected)                                                      \
    test_check_str(awl_buf_str(actual), (expected), __FILE__, __LINE__)

static inline void test_check_str(awl_str actual, const char *expected, const char *file,
                                  int line)
{
    if (awl_str_eq(actual, awl_str_of(expected)))
        return;
    print_error("actual:   '%.*s'\nexpected: '%s'\n", (int)actual.len,
                actual.ptr != NULL ? actual.ptr : "", expected);
    _fail(file, line);
}

#endif
