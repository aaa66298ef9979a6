#include "model/embedded.h"

/* An assembler directive, since a C array of this size takes a compiler minutes. */
__asm__(".section .rodata\n"
        ".balign 64\n"
        ".local awl_pack_begin\n"
        "awl_pack_begin:\n"
        ".incbin \"" AWL_PACK_FILE "\"\n"
        ".local awl_pack_end\n"
        "awl_pack_end:\n"
        ".byte 0\n"
        ".previous\n");

extern const char awl_pack_begin[] __attribute__((visibility("hidden")));
extern const char awl_pack_end[] __attribute__((visibility("hidden")));

const void *awl_embedded_pack(size_t *len)
{
    *len = (size_t)(awl_pack_end - awl_pack_begin);
    return awl_pack_begin;
}
