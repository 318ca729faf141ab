// registers.h for AArch64: values in x0, call in x1, argument in x2.

#if defined(__aarch64__)

        .text
        .globl  registers_changed_by
        .type   registers_changed_by, %function
        .p2align 4
registers_changed_by:
        sub     sp, sp, #176
        stp     x29, x30, [sp]
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        stp     x23, x24, [sp, #48]
        stp     x25, x26, [sp, #64]
        stp     x27, x28, [sp, #80]
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        str     x0, [sp, #160]
        ldp     x19, x20, [x0]
        ldp     x21, x22, [x0, #16]
        ldp     x23, x24, [x0, #32]
        ldp     x25, x26, [x0, #48]
        ldp     x27, x28, [x0, #64]
        ldr     x29, [x0, #80]
        ldp     d8, d9, [x0, #88]
        ldp     d10, d11, [x0, #104]
        ldp     d12, d13, [x0, #120]
        ldp     d14, d15, [x0, #136]
        mov     x9, x1
        mov     x0, x2
        blr     x9
        ldr     x1, [sp, #160]
        mov     x0, #0
        .macro  check bit, register
        ldr     x9, [x1, #(\bit * 8)]
        cmp     x9, \register
        b.eq    1f
        orr     x0, x0, #(1 << \bit)
1:
        .endm
        .macro  check_float bit, register
        fmov    x10, \register
        check   \bit, x10
        .endm
        check   0, x19
        check   1, x20
        check   2, x21
        check   3, x22
        check   4, x23
        check   5, x24
        check   6, x25
        check   7, x26
        check   8, x27
        check   9, x28
        check   10, x29
        check_float 11, d8
        check_float 12, d9
        check_float 13, d10
        check_float 14, d11
        check_float 15, d12
        check_float 16, d13
        check_float 17, d14
        check_float 18, d15
        ldp     d14, d15, [sp, #144]
        ldp     d12, d13, [sp, #128]
        ldp     d10, d11, [sp, #112]
        ldp     d8, d9, [sp, #96]
        ldp     x27, x28, [sp, #80]
        ldp     x25, x26, [sp, #64]
        ldp     x23, x24, [sp, #48]
        ldp     x21, x22, [sp, #32]
        ldp     x19, x20, [sp, #16]
        ldp     x29, x30, [sp]
        add     sp, sp, #176
        ret
        .size   registers_changed_by, . - registers_changed_by

#endif

        .section .note.GNU-stack, "", %progbits
