// Files and lines of places in code: of this program, and of programs that are broken.

#define _GNU_SOURCE
#include "backtrace.h"
#include "flow.h"

// With what is private there, and not the same name twice.
#define source_lines_find source_lines_find_again
#include "../../Sources/CTasklets/lines.c"
#undef source_lines_find
void source_lines_find(source_line *lines, size_t count);

#include <sys/mman.h>
#include <unistd.h>

static volatile int calls;

static __attribute__((noinline)) const void *who_calls(void) {
    calls++;
    return (const char *)__builtin_return_address(0) - 1;
}

// One call in this function, one in another file's.
static __attribute__((noinline)) const void *a_call(unsigned *line) {
    *line = __LINE__ + 1;
    const void *place = who_calls();
    calls++;
    return place;
}

void test_lines(void) {
    unsigned line = 0;
    source_line lines[4] = {
        {.address = a_call(&line)}, {.address = (const void *)&calls}, {.address = NULL}, {.address = a_call(&line)}};
    source_lines_find(lines, 4);
    EXPECT(lines[0].line == line && strcmp(lines[0].file, "lines.c") == 0);
    EXPECT(lines[1].line == 0 && lines[2].line == 0);
    EXPECT(lines[3].line == line && strcmp(lines[3].file, "lines.c") == 0);
}

// A copy that ends where memory ends: whoever reads behind it ends the program.
static unsigned char *copy_at_end(struct cursor section, char **memory, size_t *length) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (size_t)(section.end - section.at);
    *length = (size + page - 1) / page * page + page;
    *memory = mmap(NULL, *length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(*memory != MAP_FAILED);
    unsigned char *copy = (unsigned char *)*memory + *length - page - size;
    memcpy(copy, section.at, size);
    EXPECT(mprotect(*memory + *length - page, page, PROT_NONE) == 0);
    return copy;
}

static uint64_t next(uint64_t *state) {
    *state = *state * 6364136223846793005 + 1442695040888963407;
    return *state >> 33;
}

// Whatever the bytes are: the search ends, and reads nothing but them. Lines that it finds may be wrong.
void test_broken_lines(void) {
    struct file file = file_map("/proc/self/exe");
    const struct cursor whole = section(file, ".debug_line");
    const size_t size = (size_t)(whole.end - whole.at);
    EXPECT(size > 1000);
    char *memory;
    size_t length, found = 0;
    unsigned char *copy = copy_at_end(whole, &memory, &length);
    uint64_t state = 42;
    for (int round = 0; round < 300; round++) {
        // From anywhere to the end, with some bytes that are others: a broken table is found at its beginning.
        const size_t start = round % 3 == 0 ? next(&state) % size : 0;
        for (uint64_t change = next(&state) % 20; change > 0; change--)
            copy[start + next(&state) % (change % 2 == 0 ? size - start : (size - start < 200 ? size - start : 200))] =
                (unsigned char)next(&state);
        source_line lines[64] = {0};
        struct place places[64];
        for (size_t i = 0; i < 64; i++) places[i] = (struct place){i * 1000, &lines[i]};
        struct search search = {.places = places, .count = 64};
        search.sections.lines = (struct cursor){copy + start, copy + size, false};
        search.sections.strings = section(file, ".debug_str");
        search.sections.line_strings = section(file, ".debug_line_str");
        run_all(&search);
        for (size_t i = 0; i < 64; i++) found += lines[i].line != 0;
        memcpy(copy, whole.at, size);
    }
    EXPECT(found > 0);
    munmap(memory, length);
    file_unmap(file);
}
