/* aws_vectors.h - the suites of aws_vectors, one file each. Each runs the cases in
 * its folder of the data. */
#ifndef AWL_TESTS_AWS_VECTORS_H
#define AWL_TESTS_AWS_VECTORS_H

#include "vectors.h"

void aws_vectors_sigv4(struct vectors_suite *suite, const char *folder);
void aws_vectors_checksums(struct vectors_suite *suite, const char *folder);
void aws_vectors_timestamps(struct vectors_suite *suite, const char *folder);
void aws_vectors_eventstream(struct vectors_suite *suite, const char *folder);
void aws_vectors_s3(struct vectors_suite *suite, const char *folder);

#endif
