// Where the first switch to a fresh stack arrives, on x86-64. What stack_prepare put there:
//
//      higher   0            top - 8
//               0            top - 16, 16-byte aligned
//               entry
//      rsp ->   argument
//      lower
//
// rbp is 0: it ends the chain of frame pointers.

#if defined(__x86_64__)

        .text
        .globl  stack_start
        .hidden stack_start
        .type   stack_start, @function
        .p2align 4
stack_start:
        .cfi_startproc
        .cfi_undefined rip              // no caller: debuggers and crash reports end here
        popq    %rdi
        popq    %rax
        callq   *%rax
        ud2                             // entry never returns; also keeps the return address inside this function
        .cfi_endproc
        .size   stack_start, . - stack_start

#endif

// Without this note the linker would make the stack of the whole program executable.
// There is no property note for shadow stacks on purpose: they would need switching too, so the loader keeps them off.
#if defined(__linux__) && defined(__ELF__)
        .section .note.GNU-stack, "", %progbits
#endif
