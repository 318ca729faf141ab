// Files and lines of places in code, from the line programs that a compiler puts into the section .debug_line (DWARF 4, section
// 6.2; DWARF 5, section 6.2). Such a program makes rows of a table, each with an address, a file and a line; a row is about the
// code from its address up to the next row's:
//
//      header    how the program is to be read, then the names of folders and files
//      program   set the address, advance it, set file or line, make a row ..., end of the sequence; and so on
//
// All programs of a file are run once, for all places that are asked about.

#define _GNU_SOURCE
#include "lines.h"
#include "objects.h"

#include <stdlib.h>
#include <string.h>

// MARK: - Reading bytes

// Once it has run over its end, all that it gives is 0.
struct cursor {
    const unsigned char *at, *end;
    bool is_over;
};

static bool has(struct cursor *cursor, uint64_t length) {
    if (!cursor->is_over && (uint64_t)(cursor->end - cursor->at) >= length) return true;
    cursor->is_over = true;
    return false;
}

static void skip(struct cursor *cursor, uint64_t length) {
    if (has(cursor, length)) cursor->at += length;
}

// Both processors have the lowest byte first.
static uint64_t number(struct cursor *cursor, size_t length) {
    uint64_t value = 0;
    if (!has(cursor, length)) return 0;
    memcpy(&value, cursor->at, length);
    cursor->at += length;
    return value;
}

// Seven bits in each byte, the lowest first; the eighth says that another byte follows.
static uint64_t unsigned_number(struct cursor *cursor) {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint64_t byte = number(cursor, 1);
        if (shift < 64) value |= (byte & 127) << shift;
        if ((byte & 128) == 0) return value;
    }
}

static int64_t signed_number(struct cursor *cursor) {
    uint64_t value = 0, byte;
    unsigned shift = 0;
    do {
        byte = number(cursor, 1);
        if (shift < 64) value |= (byte & 127) << shift;
        shift += 7;
    } while (byte & 128);
    if (shift < 64 && (byte & 64)) value |= ~(uint64_t)0 << shift;
    return (int64_t)value;
}

static const char *text(struct cursor *cursor) {
    const unsigned char *end = has(cursor, 1) ? memchr(cursor->at, 0, (size_t)(cursor->end - cursor->at)) : NULL;
    if (end == NULL) return cursor->is_over = true, "";
    const char *start = (const char *)cursor->at;
    cursor->at = end + 1;
    return start;
}

// MARK: - The header

struct sections {
    struct cursor lines, strings, line_strings;
};

struct header {
    unsigned version;
    // 4 bytes, or 8 in programs for more than 4 GB.
    size_t offset_size;
    unsigned shortest_instruction, line_range, first_special;
    int line_base;
    unsigned char operand_counts[256];
    // At the names of files.
    struct cursor files;
};

// What an entry of a name may be written as.
enum { FORM_BLOCK = 0x09, FORM_DATA1 = 0x0b, FORM_DATA2 = 0x05, FORM_DATA4 = 0x06, FORM_DATA8 = 0x07, FORM_DATA16 = 0x1e,
       FORM_STRING = 0x08, FORM_STRING_AT = 0x0e, FORM_NUMBER = 0x0f, FORM_LINE_STRING_AT = 0x1f };

static const char *text_at(struct cursor section, uint64_t offset) {
    skip(&section, offset);
    return text(&section);
}

// The text of an entry, if it is one.
static const char *read_form(struct cursor *cursor, uint64_t form, const struct header *header,
                             const struct sections *sections) {
    switch (form) {
    case FORM_STRING: return text(cursor);
    case FORM_STRING_AT: return text_at(sections->strings, number(cursor, header->offset_size));
    case FORM_LINE_STRING_AT: return text_at(sections->line_strings, number(cursor, header->offset_size));
    case FORM_NUMBER: unsigned_number(cursor); break;
    case FORM_BLOCK: skip(cursor, unsigned_number(cursor)); break;
    case FORM_DATA1: skip(cursor, 1); break;
    case FORM_DATA2: skip(cursor, 2); break;
    case FORM_DATA4: skip(cursor, 4); break;
    case FORM_DATA8: skip(cursor, 8); break;
    case FORM_DATA16: skip(cursor, 16); break;
    default: cursor->is_over = true;
    }
    return NULL;
}

// A table of DWARF 5: what an entry consists of, the number of entries, the entries. The name of the entry `wanted`; without
// that, the cursor is behind the table afterwards.
static const char *entry_name(struct cursor *cursor, uint64_t wanted, const struct header *header,
                              const struct sections *sections) {
    enum { most_parts = 16, path = 1 };
    uint64_t kinds[most_parts], forms[most_parts];
    uint64_t parts = number(cursor, 1);
    if (parts > most_parts) return cursor->is_over = true, NULL;
    for (uint64_t part = 0; part < parts; part++) {
        kinds[part] = unsigned_number(cursor);
        forms[part] = unsigned_number(cursor);
    }
    uint64_t count = unsigned_number(cursor);
    // Entries of no parts have no end.
    if (parts == 0) return NULL;
    for (uint64_t entry = 0; entry < count && !cursor->is_over; entry++) {
        const char *name = NULL;
        for (uint64_t part = 0; part < parts; part++) {
            const char *found = read_form(cursor, forms[part], header, sections);
            if (kinds[part] == path) name = found;
        }
        if (entry == wanted) return name;
    }
    return NULL;
}

static const char *file_name(const struct header *header, const struct sections *sections, uint64_t wanted) {
    struct cursor files = header->files;
    if (header->version >= 5) return entry_name(&files, wanted, header, sections);
    for (uint64_t file = 1; !files.is_over; file++) {
        const char *name = text(&files);
        if (*name == 0) return NULL;
        if (file == wanted) return name;
        for (int field = 0; field < 3; field++) unsigned_number(&files);
    }
    return NULL;
}

// The cursor is behind the length of the unit; afterwards at its program.
static bool read_header(struct cursor *cursor, struct header *header, const struct sections *sections) {
    header->version = (unsigned)number(cursor, 2);
    if (header->version < 2 || header->version > 5) return false;
    if (header->version >= 5) skip(cursor, 2);
    uint64_t length = number(cursor, header->offset_size);
    struct cursor program = *cursor;
    skip(&program, length);
    header->shortest_instruction = (unsigned)number(cursor, 1);
    if (header->version >= 4) skip(cursor, 1);
    skip(cursor, 1);
    header->line_base = (signed char)number(cursor, 1);
    header->line_range = (unsigned)number(cursor, 1);
    header->first_special = (unsigned)number(cursor, 1);
    for (unsigned code = 1; code < header->first_special; code++)
        header->operand_counts[code] = (unsigned char)number(cursor, 1);
    if (header->version >= 5) {
        entry_name(cursor, UINT64_MAX, header, sections);
    } else {
        while (*text(cursor) != 0) {}
    }
    header->files = *cursor;
    *cursor = program;
    return !cursor->is_over && header->line_range != 0 && header->first_special != 0;
}

// MARK: - The program

struct place {
    uintptr_t value;
    source_line *line;
};

struct search {
    struct sections sections;
    // By value.
    struct place *places;
    size_t count;
};

struct row {
    uint64_t address, file, line;
};

// The places from a row up to the address of the next one.
static void find(struct search *search, const struct header *header, const struct row *row, uint64_t end) {
    // Line 0 is code that the compiler has made up.
    if (row->line == 0 || end <= search->places[0].value || row->address > search->places[search->count - 1].value) return;
    size_t low = 0, high = search->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (search->places[middle].value < row->address) low = middle + 1;
        else high = middle;
    }
    for (; low < search->count && search->places[low].value < end; low++) {
        const char *name = file_name(header, &search->sections, row->file);
        if (name == NULL) continue;
        const char *slash = strrchr(name, '/');
        source_line *line = search->places[low].line;
        strncpy(line->file, slash == NULL ? name : slash + 1, sizeof line->file - 1);
        line->line = (unsigned)row->line;
    }
}

// Instructions, and the extended ones behind a 0.
enum { COPY = 1, ADVANCE_ADDRESS, ADVANCE_LINE, SET_FILE, ADD_CONSTANT_ADDRESS = 8, ADVANCE_FIXED };
enum { END_SEQUENCE = 1, SET_ADDRESS };

static void run(struct search *search, struct cursor *cursor, const struct header *header) {
    const struct row start = {.file = 1, .line = 1};
    struct row row = start, former = {0};
    // The linker puts what it has thrown away at 0.
    bool has_former = false, is_there = false;
    while (cursor->at < cursor->end && !cursor->is_over) {
        unsigned code = (unsigned)number(cursor, 1);
        bool is_row = code == COPY, is_end = false;
        if (code >= header->first_special) {
            unsigned special = code - header->first_special;
            row.address += special / header->line_range * header->shortest_instruction;
            row.line += (uint64_t)(header->line_base + (int)(special % header->line_range));
            is_row = true;
        } else if (code == 0) {
            uint64_t length = unsigned_number(cursor);
            struct cursor next = *cursor;
            skip(&next, length);
            unsigned extended = (unsigned)number(cursor, 1);
            if (extended == END_SEQUENCE) {
                is_row = is_end = true;
            } else if (extended == SET_ADDRESS) {
                row.address = number(cursor, sizeof(uintptr_t));
                is_there = row.address != 0;
            }
            *cursor = next;
        } else if (code == ADVANCE_ADDRESS) {
            row.address += unsigned_number(cursor) * header->shortest_instruction;
        } else if (code == ADVANCE_LINE) {
            row.line += (uint64_t)signed_number(cursor);
        } else if (code == SET_FILE) {
            row.file = unsigned_number(cursor);
        } else if (code == ADD_CONSTANT_ADDRESS) {
            row.address += (255 - header->first_special) / header->line_range * header->shortest_instruction;
        } else if (code == ADVANCE_FIXED) {
            row.address += number(cursor, 2);
        } else if (code != COPY) {
            for (unsigned operand = 0; operand < header->operand_counts[code]; operand++) unsigned_number(cursor);
        }
        if (!is_row) continue;
        if (has_former && is_there) find(search, header, &former, row.address);
        former = row;
        has_former = !is_end;
        if (is_end) row = start, is_there = false;
    }
}

static void run_all(struct search *search) {
    struct cursor all = search->sections.lines;
    while (all.at < all.end && !all.is_over) {
        struct header header = {.offset_size = 4};
        uint64_t length = number(&all, 4);
        if (length == 0xffffffff) {
            header.offset_size = 8;
            length = number(&all, 8);
        }
        if (!has(&all, length)) return;
        struct cursor unit = {all.at, all.at + length, false};
        all.at += length;
        if (read_header(&unit, &header, &search->sections)) run(search, &unit, &header);
    }
}

// MARK: - Files

static struct cursor section(struct file file, const char *name) {
    size_t count = 0;
    const ElfW(Shdr) *sections = file_sections(file, &count);
    const ElfW(Ehdr) *header = file_part(file, 0, sizeof *header);
    struct cursor none = {0};
    if (sections == NULL || header->e_shstrndx >= count) return none;
    const ElfW(Shdr) *names = &sections[header->e_shstrndx];
    const char *texts = file_part(file, names->sh_offset, names->sh_size);
    if (texts == NULL) return none;
    for (size_t index = 0; index < count; index++) {
        const ElfW(Shdr) *found = &sections[index];
        const size_t length = strlen(name) + 1;
        if (found->sh_name > names->sh_size || names->sh_size - found->sh_name < length ||
            memcmp(texts + found->sh_name, name, length) != 0)
            continue;
        const unsigned char *bytes = file_part(file, found->sh_offset, found->sh_size);
        if (bytes == NULL || found->sh_type == SHT_NOBITS || (found->sh_flags & SHF_COMPRESSED)) return none;
        return (struct cursor){bytes, bytes + found->sh_size, false};
    }
    return none;
}

static int by_value(const void *left, const void *right) {
    const struct place *one = left, *other = right;
    return one->value < other->value ? -1 : one->value > other->value;
}

void source_lines_find(source_line *lines, size_t count) {
    struct place *places = calloc(count, sizeof *places);
    bool *is_done = calloc(count, sizeof *is_done);
    for (size_t first = 0; places != NULL && is_done != NULL && first < count; first++) {
        struct object object, other;
        if (is_done[first] || !object_find(lines[first].address, &object)) continue;
        // All places of one file at once.
        struct search search = {.places = places};
        for (size_t index = first; index < count; index++) {
            if (is_done[index] || !object_find(lines[index].address, &other) || other.base != object.base) continue;
            is_done[index] = true;
            places[search.count++] = (struct place){(uintptr_t)lines[index].address - object.base, &lines[index]};
        }
        // Another thread may have unloaded it meanwhile.
        if (search.count == 0) continue;
        qsort(places, search.count, sizeof *places, by_value);
        struct file file = file_map(object.path);
        search.sections = (struct sections){
            section(file, ".debug_line"), section(file, ".debug_str"), section(file, ".debug_line_str")};
        run_all(&search);
        file_unmap(file);
    }
    free(places);
    free(is_done);
}
