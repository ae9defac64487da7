/* SPDX-License-Identifier: Apache-2.0 */
/* Showing a pull. Runs in rlc; what is shown was checked by progress_is_sound(). */
#include "cmd/pull_progress.h"

#include "cmd/color.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"

#include <sys/ioctl.h>
#include <time.h>

enum {
	DRAW_EVERY = 100,  /* ms */
	SPEED_OVER = 1000, /* ms: what is called the speed now */
	ID = 12,	   /* digits of a digest */
	BAR_LEAST = 10,	   /* columns; less is no bar */
	BAR_MOST = 40,
	NUMBERS = 38, /* columns: "  63.4 MB of 63.4 MB  12.3 MB/s" and more */
	LINE = 160,
};

struct shown {
	struct progress news;
	bool is_known;
	int64_t since;	 /* ms: of the sample that speed is measured from */
	uint64_t sample; /* bytes then */
	uint64_t speed;	 /* bytes a second */
};

struct pull_progress {
	bool quiet, on_terminal, color;
	struct shown *layers;
	uint32_t n;
	int64_t drawn; /* ms */
	int *widths;   /* columns of each line that is on the screen and can be drawn over */
	int lines;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct pull_progress *pull_progress_begin(const char *name, bool quiet)
{
	struct pull_progress *v = xcalloc(1, sizeof(*v));

	v->quiet = quiet;
	v->on_terminal = isatty(STDERR_FILENO);
	v->color = color_wanted(STDERR_FILENO);
	if (!quiet)
		fprintf(stderr, "Pulling %s\n", name);
	return v;
}

static const char *id_of(const struct progress *p)
{
	return p->digest + strlen("sha256:");
}

/* "[=====>    ]" of that width, brackets included. */
static void add_bar(const struct progress *p, int width, bool color, struct str *to)
{
	const int room = width - 2;
	/* Of double: done * room overflows for what a stranger calls a size. */
	int full = p->total ? (int)((double)p->done / (double)p->total * room) : room;

	if (full > room)
		full = room;
	str_add(to, color ? "[\033[32m" : "[");
	for (int i = 0; i < room; i++)
		str_add(to, i < full ? "=" : i == full ? ">" : " ");
	str_add(to, color ? "\033[0m]" : "]");
}

static void add_numbers(const struct progress *p, uint64_t speed, bool wide, struct str *to)
{
	char done[16], total[16], rate[16];

	str_human_bytes(done, sizeof(done), p->done);
	str_human_bytes(total, sizeof(total), p->total);
	str_human_bytes(rate, sizeof(rate), speed);
	if (wide)
		str_addf(to, "%8s of %-8s  %7s/s", done, total, rate);
	else
		str_addf(to, "%8s of %s", done, total);
}

static const char *word_of(const struct progress *p)
{
	switch ((enum progress_state)p->state) {
	case PROGRESS_WAITING:
		return "waits";
	case PROGRESS_EXISTS:
		return "is here";
	case PROGRESS_DONE:
		return "done";
	case PROGRESS_FETCHING:
		break;
	}
	return "";
}

void pull_progress_line(const struct progress *p, uint64_t speed, int columns, bool color,
			struct str *to)
{
	auto_str struct str text = {0};
	char total[16];
	int bar = columns - ID - NUMBERS;

	str_addf(&text, "%.*s  ", ID, id_of(p));
	if (p->state != PROGRESS_FETCHING) {
		str_human_bytes(total, sizeof(total), p->total);
		str_addf(&text, "%s%s%s", word_of(p), p->state == PROGRESS_DONE ? ", " : "",
			 p->state == PROGRESS_DONE ? total : "");
	} else if (bar >= BAR_LEAST) {
		add_bar(p, bar < BAR_MOST ? bar : BAR_MOST, color, &text);
		add_numbers(p, speed, true, &text);
		/* Escape sequences take no column: it fits by its measures. */
		str_add(to, str_get(&text));
		return;
	} else {
		str_addf(&text, "%3d%%",
			 p->total ? (int)((double)p->done * 100 / (double)p->total) : 100);
		add_numbers(p, speed, false, &text);
	}
	str_addn(to, str_get(&text),
		 text.len < (size_t)columns ? text.len : (size_t)(columns > 0 ? columns : 0));
}

/* Columns that may be written without the cursor jumping, and rows. */
static void measure(int *columns, int *rows)
{
	struct winsize w = {0};

	*columns = 79;
	*rows = 24;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 1 && w.ws_row > 1) {
		*columns = w.ws_col - 1 < LINE ? w.ws_col - 1 : LINE;
		*rows = w.ws_row;
	}
}

/* Columns that a text takes: escape sequences of colours take none. */
static int width_of(const char *text)
{
	int width = 0;

	for (; *text; text++) {
		if (*text == '\033')
			text = strchr(text, 'm');
		else
			width++;
	}
	return width;
}

/* Rows that what was drawn takes now: in a window made narrower its lines are broken. */
static int rows_drawn(const struct pull_progress *v, int columns)
{
	int rows = 0;

	for (int i = 0; i < v->lines; i++)
		rows += v->widths[i] > columns ? (v->widths[i] + columns) / (columns + 1) : 1;
	return rows;
}

static void add_line(struct pull_progress *v, const char *line, struct str *to)
{
	str_addf(to, "\033[2K%s\n", line);
	v->widths[v->lines++] = width_of(line);
}

/* Of more layers than rows only those are drawn that move, and how many are ready. */
static void add_summary(struct pull_progress *v, struct str *to)
{
	auto_free char *line = NULL;
	uint32_t ready = 0;

	for (uint32_t i = 0; i < v->n; i++)
		ready += v->layers[i].is_known && (v->layers[i].news.state == PROGRESS_DONE ||
						   v->layers[i].news.state == PROGRESS_EXISTS);
	line = xasprintf("%u of %u layers are here", ready, v->n);
	add_line(v, line, to);
}

static void draw(struct pull_progress *v)
{
	auto_str struct str text = {0};
	int columns, rows;
	bool crowded;

	measure(&columns, &rows);
	crowded = v->n + 2 > (uint32_t)rows;
	if (v->lines)
		str_addf(&text, "\033[%dA\r", rows_drawn(v, columns));
	v->lines = 0;
	for (uint32_t i = 0; i < v->n && v->lines < rows - 2; i++) {
		const struct shown *s = &v->layers[i];
		auto_str struct str line = {0};

		if (!s->is_known || (crowded && s->news.state != PROGRESS_FETCHING))
			continue;
		pull_progress_line(&s->news, s->speed, columns, v->color, &line);
		add_line(v, str_get(&line), &text);
	}
	if (crowded)
		add_summary(v, &text);
	/* Lines of a fuller or wider moment. */
	str_add(&text, "\033[J");
	fputs(str_get(&text), stderr);
	v->drawn = now_ms();
}

/* Elsewhere than on a terminal: what came to an end. */
static void tell(const struct progress *p)
{
	char size[16];

	str_human_bytes(size, sizeof(size), p->total);
	if (p->state == PROGRESS_EXISTS)
		fprintf(stderr, "Layer %.*s is here\n", ID, id_of(p));
	else if (p->state == PROGRESS_DONE)
		fprintf(stderr, "Layer %.*s done, %s\n", ID, id_of(p), size);
}

static void note(struct shown *s, const struct progress *p, int64_t now)
{
	if (!s->is_known || p->state != PROGRESS_FETCHING || s->news.state != PROGRESS_FETCHING ||
	    p->done < s->sample) {
		s->since = now;
		s->sample = p->state == PROGRESS_FETCHING ? p->done : 0;
	} else if (now - s->since >= SPEED_OVER) {
		s->speed = (p->done - s->sample) * 1000 / (uint64_t)(now - s->since);
		s->since = now;
		s->sample = p->done;
	} else if (!s->speed && now > s->since) {
		s->speed = (p->done - s->sample) * 1000 / (uint64_t)(now - s->since);
	}
	s->news = *p;
	s->is_known = true;
}

void pull_progress_take(const struct progress *p, void *arg)
{
	struct pull_progress *v = arg;
	int64_t now = now_ms();

	if (v->quiet)
		return;
	if (!v->n) {
		v->n = p->layers;
		v->layers = xcalloc(v->n, sizeof(*v->layers));
		v->widths = xcalloc(v->n + 1, sizeof(*v->widths));
	}
	/* An image has as many layers at the end as at the beginning. */
	if (p->layer >= v->n)
		return;
	note(&v->layers[p->layer], p, now);
	if (!v->on_terminal)
		tell(p);
	else if (now - v->drawn >= DRAW_EVERY)
		draw(v);
}

void pull_progress_end(struct pull_progress *v)
{
	if (!v->quiet && v->on_terminal && v->n)
		draw(v);
	free(v->layers);
	free(v->widths);
	free(v);
}
