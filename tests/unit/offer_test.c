/* SPDX-License-Identifier: Apache-2.0 */
/* What rlc believes of rlc-image's answers: one that is right, and what a broken one would say. */
#include "storage/offer.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/str.h"
#include "storage/digest.h"
#include "tests/unit/tap.h"

#define A64   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64   "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C64   "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define CHAIN "0123456789abcdef0123456789abcdef"
#define NAME  "registry.example/app:1"
#define CONFIG                                                                                     \
	"{\"created\":\"1970-01-02T00:00:00Z\",\"architecture\":\"amd64\",\"rootfs\":{\"diff_"     \
	"ids\":[]}}"
#define OCI    "application/vnd.oci.image."
#define DOCKER "application/vnd.docker."

static const struct offer_terms pulled = {
    .name = NAME, .is_one = true, .may_be_here = true, .platform = {"amd64", ""}};
static const struct offer_terms loaded = {.any_name = true, .platform = {"amd64", ""}};
static const struct offer_terms imported = {.is_one = true};

static char *digest(const char *text)
{
	char hex[DIGEST_HEX];

	digest_of(text, strlen(text), hex);
	return xasprintf("sha256:%s", hex);
}

/* A manifest of these layers (hex digests), each of ten bytes, and CONFIG of that size. */
static char *manifest_sized(const char *const *layers, const char *type, size_t size)
{
	struct manifest m = {
	    .config = {.media_type = xstrdup(type), .digest = digest(CONFIG), .size = size}};
	char *text;

	for (; *layers; layers++)
		descriptors_add(&m.layers, OCI "layer.v1.tar", *layers, 10);
	text = manifest_write(&m);
	manifest_free(&m);
	return text;
}

static char *manifest(const char *const *layers, const char *type)
{
	return manifest_sized(layers, type, strlen(CONFIG));
}

static char *manifest_ab(void)
{
	return manifest((const char *const[]){A64, B64, NULL}, OCI "config.v1+json");
}

/* An index whose entry for arm64 is of the digest "AA…" and for amd64 the document. */
static char *index_sized(const char *document, size_t size)
{
	auto_free char *leads_to = digest(document);

	return xasprintf(
	    "{\"schemaVersion\":2,\"manifests\":["
	    "{\"mediaType\":\"" OCI "manifest.v1+json\",\"digest\":\"sha256:" A64 "\",\"size\":5,"
	    "\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}},"
	    "{\"mediaType\":\"" OCI "manifest.v1+json\",\"digest\":\"%s\",\"size\":%zu,"
	    "\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}]}",
	    leads_to, size);
}

static char *index_of(const char *document)
{
	return index_sized(document, strlen(document));
}

static void add_list(struct json_object *o, const char *key, const char *const *list)
{
	struct json_object *array = json_add_array(o, key);

	for (; list && *list; list++)
		json_object_array_add(array, json_object_new_string(*list));
}

/* What is taken of `right` unless a test says something else. Lists end with NULL. */
struct say {
	const char *const *documents, *const *names, *const *layers, *const *made, *const *kept;
	const char *config;
	size_t images; /* how many times; 0: once */
	bool unchanged, no_image, no_config;
};

static struct json_object *image(const struct say *s, const char *right)
{
	struct json_object *o = json_object_new_object();

	add_list(o, "documents", s->documents ? s->documents : (const char *const[]){right, NULL});
	json_add_str(o, "config", s->no_config ? NULL : s->config ? s->config : CONFIG);
	add_list(o, "names", s->names ? s->names : (const char *const[]){NAME, NULL});
	add_list(o, "layers", s->layers ? s->layers : (const char *const[]){A64, B64, NULL});
	json_add_i64(o, "size", 7);
	return o;
}

/* The answer as it travels: as text. */
static struct json_object *answer(const struct say *s)
{
	auto_json struct json_object *o = json_object_new_object();
	auto_free char *right = manifest_ab();
	struct json_object *images = json_add_array(o, "images"), *again = NULL;
	const char *text;
	struct err e;

	for (size_t i = 0; i < (s->images ? s->images : 1) && !s->no_image; i++)
		json_object_array_add(images, image(s, right));
	add_list(o, "made", s->made);
	add_list(o, "kept", s->kept);
	json_add_bool(o, "unchanged", s->unchanged);
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE);
	if (json_parse(text, strlen(text), "answer", &again, &e) < 0)
		printf("# %s\n", e.what);
	return again;
}

static int judge(const struct say *s, const struct offer_terms *t, struct offer *ret, struct err *e)
{
	auto_json struct json_object *o = answer(s);

	*e = (struct err){0};
	return offer_read(o, t, ret, e);
}

static bool takes(const struct say *s, const struct offer_terms *t)
{
	struct offer o = {0};
	struct err e;
	bool taken = judge(s, t, &o, &e) == 0;

	if (!taken)
		printf("# %s\n", e.what);
	offer_free(&o);
	return taken;
}

/* Refused for that reason, with what to do. */
static bool refuses(const struct say *s, const struct offer_terms *t, const char *why)
{
	struct offer o = {0};
	struct err e;
	bool refused = judge(s, t, &o, &e) < 0 && strstr(e.what, why) &&
		       strstr(e.what, "rlc-image's answer was refused") &&
		       strstr(e.hint, "nothing was kept") && !o.images;

	if (!refused)
		printf("# wanted: %s; got: %s\n", why, e.what);
	offer_free(&o);
	return refused;
}

static void test_taken(void)
{
	auto_free char *text = manifest_ab(), *wanted = digest(text), *config = digest(CONFIG);
	struct offer o = {0};
	struct err e;
	int rc = judge(&(struct say){.made = (const char *const[]){B64, NULL}}, &pulled, &o, &e);

	ok(rc == 0 && o.n == 1 && o.made.n == 1 && !o.is_here, "what was asked for is taken");
	ok(rc == 0 && strcmp(o.images[0].manifest, text) == 0 &&
	       strcmp(o.images[0].digest, wanted) == 0 && !o.images[0].record.origin,
	   "the manifest's digest is computed");
	ok(rc == 0 && strcmp(o.images[0].config, CONFIG) == 0 &&
	       strcmp(o.images[0].record.config, config) == 0 &&
	       o.images[0].record.created == 86400 && o.images[0].record.size == 7,
	   "and the configuration's");
	ok(rc == 0 && o.images[0].record.layers.n == 2 && o.images[0].record.blobs.n == 0,
	   "its record");
	offer_free(&o);
	ok(takes(&(struct say){.no_image = true, .unchanged = true}, &pulled),
	   "nothing, where the store has it");
}

static void test_names(void)
{
	static const char *const other[] = {"docker.io/library/alpine:latest", NULL};
	static const char *const both[] = {NAME, "docker.io/library/alpine:latest", NULL};
	static const char *const none[] = {NULL}, *const twice[] = {NAME, NAME, NULL};
	static const char *const shorts[] = {"alpine", NULL}, *const escape[] = {"a\033[2Jb", NULL};
	static const struct offer_terms one_of_archive = {.name = NAME, .platform = {"amd64", ""}};

	ok(refuses(&(struct say){.names = other}, &pulled,
		   "the name docker.io/library/alpine:latest, and " NAME " was asked for"),
	   "a pull gives no other name");
	ok(refuses(&(struct say){.names = both}, &pulled, "docker.io/library/alpine:latest, and"),
	   "nor another beside it");
	ok(refuses(&(struct say){.names = none}, &pulled, "0 names"), "nor none");
	ok(refuses(&(struct say){.names = twice}, &pulled, "2 names"), "nor one twice");
	ok(refuses(&(struct say){.names = other}, &imported, "and no name was asked for"),
	   "an import without a name gives none");
	ok(refuses(&(struct say){.names = other}, &one_of_archive, "was asked for"),
	   "of an archive's images the one asked for gets that name");
	ok(takes(&(struct say){.names = both}, &loaded), "an archive names what it likes");
	ok(refuses(&(struct say){.names = shorts}, &loaded, "alpine is no full name"),
	   "in full: it is compared ever after");
	ok(refuses(&(struct say){.names = escape}, &loaded, "a\\x1b[2Jb"),
	   "and what is no name is none");
}

static void test_count(void)
{
	static const struct offer_terms new = {.name = NAME, .is_one = true};

	ok(refuses(&(struct say){.images = 2}, &pulled, "2 images"), "two images for one");
	ok(refuses(&(struct say){.no_image = true}, &pulled, "0 images"), "none for one");
	ok(takes(&(struct say){.images = 2}, &loaded), "an archive has as many as it has");
	ok(refuses(&(struct say){.no_image = true, .unchanged = true}, &new, "what is not here"),
	   "unchanged, where the store has none");
	ok(refuses(&(struct say){.unchanged = true}, &pulled, "unchanged what it brings"),
	   "unchanged, and yet an image");
	ok(refuses(&(struct say){.no_image = true,
				 .unchanged = true,
				 .made = (const char *const[]){A64, NULL}},
		   &pulled, "unchanged what it brings"),
	   "unchanged, and yet a layer");
}

static void test_config(void)
{
	auto_free char *lying = manifest_sized((const char *const[]){A64, B64, NULL},
					       OCI "config.v1+json", strlen(CONFIG) + 1);
	struct offer_terms t = pulled;
	static const char longer[] = CONFIG " ";
	static const char other[] = "{\"created\":\"1980-01-02T00:00:00Z\",\"architecture\":"
				    "\"amd64\",\"rootfs\":{\"diff_ids\":[]"
				    "}}";

	ok(refuses(&(struct say){.config = longer}, &pulled, "where its manifest says"),
	   "a configuration of another size");
	ok(sizeof(other) == sizeof(CONFIG) &&
	       refuses(&(struct say){.config = other}, &pulled, "a configuration sha256:"),
	   "one of the same size");
	t.platform_asked = true;
	ok(takes(&(struct say){0}, &t), "for the platform that was asked for");
	strcpy(t.platform.architecture, "s390x");
	ok(refuses(&(struct say){0}, &t, "another platform"), "for another");
	ok(refuses(&(struct say){.no_config = true}, &pulled, "without a configuration"), "none");
	ok(refuses(&(struct say){.documents = (const char *const[]){lying, NULL}}, &pulled,
		   "where its manifest says"),
	   "the right one, of which the manifest says another size");
}

static void test_pinned(void)
{
	auto_free char *right = manifest_ab(), *at = digest(right), *index = index_of(right);
	auto_free char *index_at = digest(index), *wrong = NULL, *wrong_index = NULL;
	auto_free char *lying_index = NULL;
	auto_free char *pin = xasprintf("registry.example/app@%s", at);
	auto_free char *index_pin = xasprintf("registry.example/app@%s", index_at);
	const char *const names[] = {pin, NULL}, *const index_names[] = {index_pin, NULL};
	const char *const chain[] = {index, right, NULL};
	struct offer_terms t = pulled;
	struct say s = {.names = names};

	wrong = manifest((const char *const[]){B64, A64, NULL}, OCI "config.v1+json");
	wrong_index = index_of(wrong);
	lying_index = index_sized(right, strlen(right) + 1);
	t.name = pin;
	ok(takes(&s, &t), "the manifest that was asked for by digest");
	s.documents = (const char *const[]){wrong, NULL};
	ok(refuses(&s, &t, "has digest sha256:"), "another is refused");
	t.name = index_pin;
	s = (struct say){.names = index_names, .documents = chain};
	ok(takes(&s, &t), "an index that was asked for by digest, and where it leads");
	s.documents = (const char *const[]){index, wrong, NULL};
	ok(refuses(&s, &t, "its index leads to"), "it leads nowhere else");
	s = (struct say){.documents = (const char *const[]){lying_index, right, NULL}};
	ok(refuses(&s, &pulled, "its index leads to"), "nor to one of another size");
	s = (struct say){.names = index_names};
	s.documents = (const char *const[]){wrong_index, wrong, NULL};
	ok(refuses(&s, &t, "has digest sha256:"), "nor does another index in its place");
	s.documents = (const char *const[]){right, NULL};
	ok(refuses(&s, &t, "has digest sha256:"), "nor is it left out");
	s = (struct say){.names = index_names, .documents = chain};
	memcpy(t.platform.architecture, "arm64", 6);
	ok(refuses(&s, &t, "its index leads to sha256:" A64), "the platform's, not another's");
	s.names = names;
	s.documents = (const char *const[]){wrong, NULL};
	ok(refuses(&s, &loaded, "has digest sha256:"), "an archive pins nothing else either");
	s.documents = (const char *const[]){right, right, NULL};
	ok(refuses(&s, &loaded, "its index"), "what leads on is an index");
	s.documents = (const char *const[]){index, index, index, index, index, right, NULL};
	ok(refuses(&s, &loaded, "6 documents"), "and indexes end");
	s.documents = (const char *const[]){NULL};
	ok(refuses(&s, &loaded, "0 documents"), "no document at all");
}

static void test_translated(void)
{
	auto_free char *docker =
	    manifest((const char *const[]){A64, B64, NULL}, DOCKER "container.image.v1+json");
	auto_free char *ours = manifest_ab(), *origin = digest(docker), *at = digest(ours);
	struct offer o = {0};
	struct err e;
	int rc =
	    judge(&(struct say){.documents = (const char *const[]){docker, NULL}}, &pulled, &o, &e);

	ok(rc == 0 && strcmp(o.images[0].manifest, ours) == 0 &&
	       strcmp(o.images[0].digest, at) == 0 &&
	       strcmp(o.images[0].record.origin, origin) == 0,
	   "Docker's manifest is translated here, and its own digest kept");
	offer_free(&o);
}

/* The image has the layers A, B, A, C. */
static void test_layers(void)
{
	static const struct {
		const char *what;
		const char *layers[6];
		bool single, good;
	} rows[] = {
	    {"all of them", {A64, B64, A64, C64}, .good = true},
	    {"what stands twice stands where it stands highest", {B64, A64, C64}, .good = true},
	    {"what lies below a layer that hides it is left out", {A64, C64}, .good = true},
	    {"one that depends on those below", {A64, B64 "." CHAIN, A64, C64}, .good = true},
	    {"one that is not the manifest's", {A64, B64, A64, B64}},
	    {"another order", {A64, C64, A64, B64}},
	    {"one is missing in between", {B64, C64}},
	    {"the highest is missing", {A64, B64, A64}},
	    {"one too many", {C64, A64, B64, A64, C64}},
	    {"none at all", {NULL}},
	    {"squashed to a single id, which is not mapped here", {A64, B64, A64 ".1id", C64}},
	    {"single ids", {A64 ".1id", B64 ".1id." CHAIN, A64 ".1id", C64 ".1id"}, true, true},
	    {"not squashed, where a single id is mapped", {A64, B64, A64, C64}, .single = true},
	    {"nor another word",
	     {A64 ".1id", B64 ".1id", A64 ".1id", C64 ".ddd." CHAIN},
	     .single = true},
	    {"a name that goes on", {A64, B64, A64, C64 "." CHAIN "0"}},
	    {"a path", {A64, B64, A64, C64 "/../" A64}},
	    {"another word behind the digest",
	     {A64, B64, A64, C64 ".iddddddddddddddddddddddddddddddd"}},
	};
	auto_free char *text =
	    manifest((const char *const[]){A64, B64, A64, C64, NULL}, OCI "config.v1+json");
	const char *const documents[] = {text, NULL};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct say s = {.documents = documents, .layers = rows[i].layers};
		struct offer_terms t = pulled;

		t.is_single = rows[i].single;
		ok(rows[i].good ? takes(&s, &t) : refuses(&s, &t, "layer"), "layers: %s",
		   rows[i].what);
	}
}

static void test_files(void)
{
	static const char *const a[] = {A64, NULL}, *const c[] = {C64, NULL};
	static const char *const many[] = {A64, A64, A64, NULL}, *const empty[] = {"", NULL};
	static const char *const path[] = {A64 "/../../index.json", NULL};
	static const char *const hidden[] = {A64 "." CHAIN, NULL};
	struct offer_terms t = pulled;
	struct offer o = {0};
	uint64_t size = 0;
	struct err e;

	ok(takes(&(struct say){.made = hidden}, &t), "a layer of the manifest may be made");
	ok(refuses(&(struct say){.made = c}, &t, "made layer " C64 ", which is no image's"),
	   "no other");
	ok(refuses(&(struct say){.made = path}, &t, "which is no image's"), "nor a path");
	ok(refuses(&(struct say){.made = empty}, &t, "which is no image's"), "nor one half made");
	ok(refuses(&(struct say){.made = many}, &t, "more layers or blobs"),
	   "nor more than it has");
	ok(refuses(&(struct say){.kept = a}, &t, "nobody asked for"), "no blob is kept unasked");
	t.keeps_blobs = true;
	ok(judge(&(struct say){.kept = a}, &t, &o, &e) == 0 && o.images[0].record.blobs.n == 2 &&
	       offer_blob_size(&o, A64, &size) == 0 && size == 10 &&
	       offer_blob_size(&o, C64, &size) < 0,
	   "a layer's is, of the size the manifest says");
	offer_free(&o);
	ok(refuses(&(struct say){.kept = c}, &t, "kept blob " C64 ", which is no image's"),
	   "no other blob");
	ok(refuses(&(struct say){.kept = many}, &t, "more layers or blobs"), "nor more of them");
	ok(refuses(&(struct say){.kept = empty}, &t, "kept blob"), "nor one half kept");
}

static void test_shape(void)
{
	static const char *const texts[] = {
	    "[]",
	    "{\"images\":{}}",
	    "{\"images\":[7]}",
	    "{\"images\":[{\"documents\":[7]}]}",
	    "{\"images\":[{\"documents\":[\"{}\"],\"config\":\"{}\"}]}",
	    "{\"images\":[{\"documents\":[\"\"]}]}",
	    "{\"unchanged\":1}",
	    "{\"made\":\"0\"}",
	};
	struct offer o = {0};
	struct err e;

	for (size_t i = 0; i < array_len(texts); i++) {
		auto_json struct json_object *json = NULL;

		ok(json_parse(texts[i], strlen(texts[i]), "answer", &json, &e) == 0 &&
		       offer_read(json, &loaded, &o, &e) < 0,
		   "refused: %s", texts[i]);
	}
}

int main(void)
{
	test_taken();
	test_names();
	test_count();
	test_config();
	test_pinned();
	test_translated();
	test_layers();
	test_files();
	test_shape();
	return tap_end();
}
