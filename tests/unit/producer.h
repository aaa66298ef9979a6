/* producer.h - a server that sends a long body, as fast as it is taken. */
#ifndef AWL_TEST_PRODUCER_H
#define AWL_TEST_PRODUCER_H

#include "web.h"

#define PRODUCER_BYTES ((size_t)24 << 20)

/* What web->data points to. Each 64 KiB are of one letter, from 'a' to 'z'. */
struct producer {
    size_t sent;
};

/* For web->serve: answers with a head; its exchange is kept. */
static inline void producer_begin(struct web *web, struct awl_exchange *exchange)
{
    struct awl_response head;
    awl_response_init(&head, 0);
    head.status = 200;
    CHECK_OK(awl_exchange_begin(exchange, &head, NULL));
    awl_response_release(&head);
    web_keep(web, exchange);
}

/* Sends as long as it may. */
static inline void producer_write(struct web *web)
{
    static char piece[65536];
    struct producer *producer = web->data;
    while (web->kept != NULL && awl_exchange_writable(web->kept)->signaled) {
        memset(piece, 'a' + (int)(producer->sent / sizeof(piece) % 26), sizeof(piece));
        CHECK_OK(awl_exchange_write(web->kept, awl_str_make(piece, sizeof(piece)), NULL));
        producer->sent += sizeof(piece);
        if (producer->sent == PRODUCER_BYTES) {
            CHECK_OK(awl_exchange_end(web->kept, NULL));
            awl_exchange_free(web->kept);
            web->kept = NULL;
        }
    }
}

#endif
