// registers.h for x86-64: values in rdi, call in rsi, argument in rdx.

#if defined(__x86_64__)

        .text
        .globl  registers_changed_by
        .type   registers_changed_by, @function
        .p2align 4
registers_changed_by:
        pushq   %rbx
        pushq   %rbp
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        pushq   %rdi                    // seven words and the return address: aligned at the call
        movq    0(%rdi), %rbx
        movq    8(%rdi), %rbp
        movq    16(%rdi), %r12
        movq    24(%rdi), %r13
        movq    32(%rdi), %r14
        movq    40(%rdi), %r15
        movq    %rdx, %rdi
        callq   *%rsi
        popq    %rdi
        xorl    %eax, %eax
        .macro  check bit, register
        cmpq    (\bit * 8)(%rdi), %\register
        je      1f
        orq     $(1 << \bit), %rax
1:
        .endm
        check   0, rbx
        check   1, rbp
        check   2, r12
        check   3, r13
        check   4, r14
        check   5, r15
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbp
        popq    %rbx
        ret
        .size   registers_changed_by, . - registers_changed_by

#endif

        .section .note.GNU-stack, "", %progbits
