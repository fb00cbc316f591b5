// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "unit/syntax.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define BLANKS " \t\r\n"

/** Takes the blanks at both ends off, in place. */
static char *strip(char *text)
{
	size_t len;

	text += strspn(text, BLANKS);
	len = strlen(text);
	while (len && strchr(BLANKS, text[len - 1]))
		len--;
	text[len] = '\0';
	return text;
}

static bool is_comment(const char *line)
{
	line += strspn(line, BLANKS);
	return *line == '#' || *line == ';';
}

/** A line with those that continue it, comments between them left out; NULL at the end. To be freed. */
static char *read_line(FILE *file)
{
	char *whole = NULL, *line = NULL, *longer;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, file)) >= 0) {
		bool goes_on;

		if (is_comment(line) && whole)
			continue;
		line[strcspn(line, "\n")] = '\0';
		len = (ssize_t)strlen(line);
		goes_on = len && line[len - 1] == '\\' && !is_comment(line);
		if (goes_on)
			line[len - 1] = ' ';
		if (asprintf(&longer, "%s%s", whole ? whole : "", line) < 0)
			longer = NULL;
		free(whole);
		whole = longer;
		if (!whole || !goes_on)
			break;
	}
	free(line);
	return whole;
}

static void set(char **text, const char *value)
{
	free(*text);
	*text = value ? strdup(value) : NULL;
}

/** Takes a line apart; true if it is a setting. */
static bool take(struct unit_reader *reader, char *line)
{
	char *equals;

	line = strip(line);
	if (is_comment(line))
		return false;
	if (*line == '[') {
		line[strcspn(line, "]")] = '\0';
		set(&reader->section, line + 1);
		return false;
	}
	equals = strchr(line, '=');
	if (!equals)
		return false;
	*equals = '\0';
	set(&reader->key, strip(line));
	set(&reader->value, strip(equals + 1));
	return reader->key && reader->value;
}

bool unit_read_setting(struct unit_reader *reader)
{
	char *line;
	bool found = false;

	while (!found && (line = read_line(reader->file))) {
		found = take(reader, line);
		free(line);
	}
	if (found)
		return true;
	set(&reader->section, NULL);
	set(&reader->key, NULL);
	set(&reader->value, NULL);
	fclose(reader->file);
	return false;
}

/** The character that so many digits stand for, as UTF-8 if it is one of Unicode. False if they are none. */
static bool write_code(FILE *word, const char **text, int digits, int base, bool unicode)
{
	char number[9] = "", *end;
	unsigned long code;

	strncpy(number, *text, (size_t)digits);
	code = strtoul(number, &end, base);
	if (end != number + digits || !isxdigit((unsigned char)*number) || !code || (!unicode && code > 0xff))
		return false;
	*text += digits;
	return unicode ? fprintf(word, "%lc", (wint_t)code) > 0 : putc((int)code, word) != EOF;
}

/** What follows a backslash. */
static bool write_escaped(FILE *word, const char **text)
{
	static const char letters[] = "abfnrtvs\\\"'", meant[] = "\a\b\f\n\r\t\v \\\"'";
	const char c = **text, *letter = c ? strchr(letters, c) : NULL;

	if (letter) {
		++*text;
		return putc(meant[letter - letters], word) != EOF;
	}
	if (c >= '0' && c <= '7')
		return write_code(word, text, 3, 8, false);
	if (!c || !strchr("xuU", c))
		return false;
	++*text;
	return write_code(word, text, c == 'x' ? 2 : c == 'u' ? 4 : 8, 16, c != 'x');
}

/** Up to the blank that ends the word. False if systemd would not take it. */
static bool write_word(FILE *word, const char **text)
{
	char quote = '\0';

	for (const char *at = *text;; *text = at) {
		const char c = *at;

		if (!c || (!quote && strchr(BLANKS, c)))
			return !quote;
		at++;
		if (c == '\\' && !write_escaped(word, &at))
			return false;
		if (c == '\\')
			continue;
		if (c == quote)
			quote = '\0';
		else if (!quote && (c == '"' || c == '\''))
			quote = c;
		else
			putc(c, word);
	}
}

char *unit_next_word(const char **value)
{
	char *text = NULL;
	size_t size;
	FILE *word;
	bool valid;

	*value += strspn(*value, BLANKS);
	if (!**value)
		return NULL;
	word = open_memstream(&text, &size);
	if (!word)
		return NULL;
	valid = write_word(word, value);
	fclose(word);
	if (valid)
		return text;
	free(text);
	return NULL;
}

void unit_write_word(FILE *file, const char *text)
{
	putc('"', file);
	for (; *text; text++) {
		if (iscntrl((unsigned char)*text))
			fprintf(file, "\\x%02x", (unsigned char)*text);
		else
			fprintf(file, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	}
	putc('"', file);
}
