/* input.h - reading a descriptor that may be a terminal, a pipe, a socket or a file.
 *
 * Nothing is read unasked: awl_input_fill asks for one more piece, and the waitable
 * tells when it is there. What has been read stays until it is taken. */
#ifndef AWL_LOOP_INPUT_H
#define AWL_LOOP_INPUT_H

#include "base/buf.h"
#include "loop/loop.h"
#include "loop/waitable.h"

struct awl_input;

/* Reads `fd`; at most `max` bytes are held at a time. With `owned` the descriptor is
 * closed with the input, also when this fails; else it stays open and gets back the
 * mode (blocking or not) that it had. NULL with `err` set on failure. */
struct awl_input *awl_input_new(struct awl_loop *loop, int fd, bool owned, size_t max,
                                struct awl_error *err);

/* Stops reading; the memory goes in a later turn of the loop. NULL is fine. */
void awl_input_free(struct awl_input *input);

/* Asks for more bytes: resets the waitable, which is signaled when at least one has
 * come, or the end, or a failure. AWL_ELIMIT when `max` bytes wait to be taken. */
enum awl_rc awl_input_fill(struct awl_input *input, struct awl_error *err);

/* Canceling it stops the reading; no byte is lost. */
struct awl_waitable *awl_input_waitable(struct awl_input *input);

/* What has come and was not taken yet; good until the next turn of the loop. Taking drops
 * the first `len` bytes. */
awl_str awl_input_bytes(const struct awl_input *input);
void awl_input_take(struct awl_input *input, size_t len);

/* No more will come: the end, or a failure, which `err` then tells. */
bool awl_input_ended(const struct awl_input *input);
enum awl_rc awl_input_result(const struct awl_input *input, struct awl_error *err);

#endif
