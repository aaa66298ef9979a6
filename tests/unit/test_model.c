/* tests/unit/test_model.c - registered as unit.model */
#include "model_fixture.h"

static awl_str str(const struct fixture *f, uint32_t offset)
{
    return awl_model_str(&f->model, offset);
}

TEST(a_service_is_described_by_its_metadata)
{
    UNUSED_STATE;
    struct fixture f;
    fixture_init(&f);
    CHECK_STR(f.model.name, "shelf");
    CHECK_STR(f.model.api_version, "2020-02-02");
    CHECK_STR(f.model.service_id, "Book Shelf");
    CHECK_STR(f.model.endpoint_prefix, "library");
    CHECK_STR(f.model.target_prefix, "Shelf");
    CHECK_STR(f.model.json_version, "1.1");
    CHECK_STR(f.model.xml_namespace, "");
    CHECK_STR(f.model.auth, "a,b");
    CHECK(f.model.query_compatible);
    CHECK_INT(f.model.http2, AWL_HTTP2_OPTIONAL);
    fixture_release(&f);
}

TEST(the_signing_name_defaults_to_the_endpoint_prefix)
{
    UNUSED_STATE;
    struct fixture f;
    fixture_init(&f);
    CHECK_STR(f.model.signing_name, "library");
    fixture_release(&f);
}

TEST(the_protocol_is_the_first_by_priority_not_by_order)
{
    UNUSED_STATE;
    struct fixture f;
    fixture_init(&f);
    CHECK_INT(f.model.protocol, AWL_PROTOCOL_JSON);
    CHECK_INT(f.model.protocols, 1u << AWL_PROTOCOL_JSON | 1u << AWL_PROTOCOL_QUERY);
    fixture_release(&f);
}

TEST(a_service_answers_to_its_aliases)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_model model;
    fixture_init(&f);
    CHECK_OK(awl_model_open(f.pack, STR("library"), &model, NULL));
    CHECK_STR(model.name, "shelf");
    CHECK_OK(awl_model_open(f.pack, STR("book-shelf"), &model, NULL));
    CHECK_STR(model.name, "shelf");
    fixture_release(&f);
}

TEST(an_unknown_service_is_an_error_that_names_the_nearest)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_model model;
    struct awl_error err = AWL_ERROR_INIT;
    fixture_init(&f);
    CHECK_RC(awl_model_open(f.pack, STR("shelv"), &model, &err), AWL_ENOTFOUND);
    CHECK_STR(awl_str_of(err.message), "unknown service 'shelv'; did you mean 'shelf'?");
    CHECK_RC(awl_model_open(f.pack, STR("quantum"), &model, &err), AWL_ENOTFOUND);
    CHECK_STR(awl_str_of(err.message), "unknown service 'quantum'");
    CHECK_RC(awl_model_open(f.pack, STR(""), &model, &err), AWL_ENOTFOUND);
    fixture_release(&f);
}

TEST(an_operation_is_found_by_both_spellings)
{
    UNUSED_STATE;
    struct fixture f;
    fixture_init(&f);
    const struct awl_operation *op = fixture_operation(&f, "ListURLs");
    CHECK(fixture_operation(&f, "list_urls") == op);
    CHECK_STR(awl_model_operation_name(&f.model, op), "ListURLs");
    CHECK(awl_model_operation(&f.model, STR("list_urLs")) == NULL);
    CHECK(awl_model_operation(&f.model, STR("")) == NULL);
    fixture_release(&f);
}

TEST(an_unknown_operation_names_the_nearest_in_the_same_spelling)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_error err = AWL_ERROR_INIT;
    fixture_init(&f);
    CHECK_RC(awl_model_operation_unknown(&f.model, STR("put_bok"), &err), AWL_ENOTFOUND);
    CHECK_STR(awl_str_of(err.message),
              "unknown operation 'put_bok' of shelf; did you mean 'put_book'?");
    awl_model_operation_unknown(&f.model, STR("PutBok"), &err);
    CHECK_STR(awl_str_of(err.message),
              "unknown operation 'PutBok' of shelf; did you mean 'PutBook'?");
    fixture_release(&f);
}

TEST(an_operation_tells_its_http_side)
{
    UNUSED_STATE;
    struct fixture f;
    fixture_init(&f);
    const struct awl_operation *op = fixture_operation(&f, "PutBook");
    CHECK_STR(str(&f, op->http_method), "PUT");
    CHECK_STR(str(&f, op->request_uri), "/b/{Title}");
    CHECK_INT(op->response_code, 201);
    CHECK_STR(str(&f, op->input_wire_name), "BookRequest");
    CHECK_STR(str(&f, op->input_namespace), "urn:b");
    CHECK_STR(str(&f, op->host_prefix), "x.");
    CHECK_STR(str(&f, op->checksum_member), "Alg");
    CHECK_STR(str(&f, op->response_checksums), "CRC32,SHA256");
    CHECK_INT(op->output, AWL_MODEL_NONE);
    CHECK_INT(fixture_operation(&f, "ListURLs")->response_code, 200);
    CHECK_STR(str(&f, fixture_operation(&f, "ListURLs")->result_wrapper), "W");
    fixture_release(&f);
}

TEST(flags_sum_up_traits_and_shapes)
{
    UNUSED_STATE;
    struct fixture f;
    fixture_init(&f);
    CHECK_INT(fixture_operation(&f, "PutBook")->flags,
              AWL_OPERATION_IDEMPOTENT | AWL_OPERATION_CHECKSUM_REQUIRED |
                  AWL_OPERATION_STREAM_INPUT | AWL_OPERATION_TOKEN);
    CHECK_INT(fixture_operation(&f, "ListURLs")->flags,
              AWL_OPERATION_READONLY | AWL_OPERATION_NO_AUTH);
    fixture_release(&f);
}

TEST(members_keep_their_order_and_merge_their_shapes_traits)
{
    UNUSED_STATE;
    struct fixture f;
    fixture_init(&f);
    const struct awl_shape *book = fixture_shape(&f, "Book");
    const struct awl_member *m = awl_model_members(&f.model, book);
    CHECK_INT(book->member_count, 7);
    CHECK_INT(book->required_count, 1);
    CHECK_INT(book->payload, 3);
    CHECK_STR(str(&f, m[0].name), "Title");
    CHECK_STR(str(&f, m[0].wire_name), "T");
    CHECK_INT(m[0].location, AWL_LOCATION_URI);
    CHECK_INT(m[0].flags, AWL_MEMBER_REQUIRED | AWL_MEMBER_SENSITIVE | AWL_MEMBER_NAMED |
                              AWL_MEMBER_EXTRA);
    CHECK_INT(m[2].flags, AWL_MEMBER_STREAMING);
    CHECK_INT(m[3].flags, AWL_MEMBER_IDEMPOTENCY_TOKEN | AWL_MEMBER_SENSITIVE);
    CHECK_INT(m[4].flags, AWL_MEMBER_FLATTENED);
    CHECK_INT(m[6].timestamp_format, AWL_TIMESTAMP_RFC822);
    fixture_release(&f);
}

TEST(what_few_members_have_is_found_beside_them)
{
    UNUSED_STATE;
    struct fixture f;
    fixture_init(&f);
    const struct awl_member *m = awl_model_members(&f.model, fixture_shape(&f, "Book"));
    CHECK_STR(str(&f, awl_model_member_extra(&f.model, &m[0])->context_param), "Bucket");
    CHECK_INT(awl_model_member_extra(&f.model, &m[0])->query_name, AWL_MODEL_NONE);
    CHECK_INT(awl_model_member_extra(&f.model, &m[1])->context_param, AWL_MODEL_NONE);
    fixture_release(&f);
}

TEST(elements_keys_and_values_are_members)
{
    UNUSED_STATE;
    struct fixture f;
    fixture_init(&f);
    const struct awl_member *m = awl_model_members(&f.model, fixture_shape(&f, "Books"));
    CHECK_STR(str(&f, m->name), "member");
    CHECK_STR(str(&f, m->wire_name), "item");
    m = awl_model_members(&f.model, fixture_shape(&f, "Tags"));
    CHECK_STR(str(&f, m[0].name), "key");
    CHECK_STR(str(&f, m[0].wire_name), "K");
    CHECK_STR(str(&f, m[1].wire_name), "value");
    CHECK_INT(m[1].flags & AWL_MEMBER_NAMED, 0);
    fixture_release(&f);
}

TEST(every_member_is_found_by_its_name_in_small_and_large_structures)
{
    UNUSED_STATE;
    struct fixture f;
    fixture_init(&f);
    for (uint32_t i = 0; i < f.model.shape_count; i++) {
        const struct awl_shape *shape = awl_model_shape(&f.model, i);
        for (uint32_t j = 0; j < shape->member_count; j++) {
            const struct awl_member *m = &awl_model_members(&f.model, shape)[j];
            CHECK(awl_model_member_by_name(&f.model, shape, str(&f, m->name)) == m);
        }
        CHECK(awl_model_member_by_name(&f.model, shape, STR("Nothing")) == NULL);
        CHECK(awl_model_member_by_wire_name(&f.model, shape, STR("")) == NULL);
    }
    fixture_release(&f);
}

TEST(of_two_members_with_one_wire_name_the_body_wins)
{
    UNUSED_STATE;
    struct fixture f;
    fixture_init(&f);
    const struct awl_shape *book = fixture_shape(&f, "Book");
    const struct awl_member *m = awl_model_member_by_wire_name(&f.model, book, STR("T"));
    CHECK_STR(str(&f, m->name), "Other");
    CHECK(awl_model_member_by_wire_name(&f.model, book, STR("Title")) == NULL);
    fixture_release(&f);
}

TEST(equal_member_names_have_equal_keys_and_keys_are_dense)
{
    UNUSED_STATE;
    struct fixture f;
    uint32_t names[64] = {0};
    fixture_init(&f);
    CHECK(f.model.key_count <= 64);
    for (uint32_t i = 0; i < f.model.member_count; i++) {
        const struct awl_member *m = &f.model.members[i];
        CHECK(m->key < f.model.key_count);
        CHECK(names[m->key] == 0 || names[m->key] == m->name);
        names[m->key] = m->name;
    }
    for (uint32_t key = 0; key < f.model.key_count; key++)
        CHECK(names[key] != 0);
    fixture_release(&f);
}

TEST(shapes_tell_bounds_patterns_and_enums)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_shape_extra extra;
    fixture_init(&f);
    awl_model_shape_extra(&f.model, fixture_shape(&f, "Text"), &extra);
    CHECK(extra.has_min && extra.has_max);
    CHECK(extra.min == 1.0 && extra.max == 1.5);
    CHECK_STR(extra.pattern, "a+");
    CHECK_INT(extra.enum_count, 2);
    CHECK_STR(str(&f, extra.enum_values[1]), "two");
    awl_model_shape_extra(&f.model, fixture_shape(&f, "Bytes"), &extra);
    CHECK(!extra.has_min && !extra.has_max && extra.enum_count == 0);
    CHECK_STR(extra.error_code, "");
    CHECK_INT(fixture_shape(&f, "Free")->type, AWL_SHAPE_DOCUMENT);
    fixture_release(&f);
}

TEST(an_error_is_found_by_its_code_before_its_name)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_shape_extra extra;
    fixture_init(&f);
    const struct awl_operation *put = fixture_operation(&f, "PutBook");
    const struct awl_shape *no_room = fixture_shape(&f, "NoRoom");
    CHECK(awl_model_error_shape(&f.model, put, STR("Full")) == no_room);
    CHECK(awl_model_error_shape(&f.model, NULL, STR("Full")) == no_room);
    CHECK(awl_model_error_shape(&f.model, put, STR("NoShelf")) ==
          fixture_shape(&f, "NoShelf"));
    CHECK(awl_model_error_shape(&f.model, put, STR("Book")) == NULL);
    awl_model_shape_extra(&f.model, no_room, &extra);
    CHECK_INT(extra.http_status, 409);
    CHECK_INT(no_room->flags, AWL_SHAPE_EXCEPTION | AWL_SHAPE_RETRYABLE |
                                  AWL_SHAPE_THROTTLING | AWL_SHAPE_SENDER_FAULT);
    fixture_release(&f);
}

TEST(a_paginator_belongs_to_its_operation)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_paginator p;
    fixture_init(&f);
    CHECK(!awl_model_paginator(&f.model, fixture_operation(&f, "PutBook"), &p));
    CHECK(awl_model_paginator(&f.model, fixture_operation(&f, "ListURLs"), &p));
    CHECK_INT(p.input_token_count, 1);
    CHECK_INT(p.output_token_count, 2);
    CHECK_STR(str(&f, p.input_tokens[0]), "Next");
    CHECK_STR(str(&f, p.output_tokens[1]), "More");
    CHECK_STR(str(&f, p.result_keys[0]), "Urls");
    CHECK_STR(str(&f, p.non_aggregate_keys[0]), "Any");
    CHECK_STR(str(&f, p.limit_key), "Max");
    CHECK_INT(p.more_results, AWL_MODEL_NONE);
    fixture_release(&f);
}

TEST(waiters_are_sorted_and_found_by_both_spellings)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_waiter w;
    struct awl_waiter_acceptor a;
    fixture_init(&f);
    CHECK_INT(awl_model_waiter_count(&f.model), 2);
    awl_model_waiter(&f.model, 0, &w);
    CHECK_STR(w.name, "BookThere");
    CHECK(awl_model_waiter_find(&f.model, STR("ShelfFull"), &w));
    CHECK(awl_model_waiter_find(&f.model, STR("shelf_full"), &w));
    CHECK_STR(str(&f, w.operation), "ListURLs");
    CHECK_INT(w.delay_s, 3);
    CHECK_INT(w.max_attempts, 20);
    CHECK_INT(w.acceptor_count, 2);
    awl_model_waiter_acceptor(&f.model, &w, 0, &a);
    CHECK_STR(a.argument, "Urls[0]");
    CHECK_STR(a.expected, "true");
    awl_model_waiter_acceptor(&f.model, &w, 1, &a);
    CHECK_STR(a.matcher, "status");
    CHECK_STR(a.expected, "404");
    CHECK(!awl_model_waiter_find(&f.model, STR("shelf_empty"), &w));
    fixture_release(&f);
}

TEST_MAIN(RUN(a_service_is_described_by_its_metadata),
          RUN(the_signing_name_defaults_to_the_endpoint_prefix),
          RUN(the_protocol_is_the_first_by_priority_not_by_order),
          RUN(a_service_answers_to_its_aliases),
          RUN(an_unknown_service_is_an_error_that_names_the_nearest),
          RUN(an_operation_is_found_by_both_spellings),
          RUN(an_unknown_operation_names_the_nearest_in_the_same_spelling),
          RUN(an_operation_tells_its_http_side), RUN(flags_sum_up_traits_and_shapes),
          RUN(members_keep_their_order_and_merge_their_shapes_traits),
          RUN(what_few_members_have_is_found_beside_them),
          RUN(elements_keys_and_values_are_members),
          RUN(every_member_is_found_by_its_name_in_small_and_large_structures),
          RUN(of_two_members_with_one_wire_name_the_body_wins),
          RUN(equal_member_names_have_equal_keys_and_keys_are_dense),
          RUN(shapes_tell_bounds_patterns_and_enums),
          RUN(an_error_is_found_by_its_code_before_its_name),
          RUN(a_paginator_belongs_to_its_operation),
          RUN(waiters_are_sorted_and_found_by_both_spellings))
