namespace Headroom.Load.K6Export;

/// <summary>Functions that scripts need to do what a plan says where k6 has none of its own. A script gets those that it uses.</summary>
internal static class ScriptFunctions
{
    private sealed record Function(string Code, params string[] Uses);

    private static readonly Dictionary<string, Function> All = new(StringComparer.Ordinal)
    {
        ["encode"] = new("""
            /** For a path or query: all but the unreserved characters of RFC 3986 is percent-encoded. @param {string} text */
            function encode(text) {
              return encodeURIComponent(text).replace(/[!'()*]/g, (letter) => '%' + letter.charCodeAt(0).toString(16).toUpperCase());
            }
            """),
        ["inTarget"] = new("""
            /** As it is, but for what would end the address. @param {string} text */
            function inTarget(text) {
              return text.replace(/[\x00-\x20\x7f]/g, encodeURIComponent);
            }
            """),
        ["json"] = new("""
            /** For the inside of a JSON string. @param {string} text */
            function json(text) {
              return JSON.stringify(text).slice(1, -1);
            }
            """),
        ["plain"] = new("""
            /** As JSON: a number, true, false or null where it is one, otherwise a string. @param {string} text */
            function plain(text) {
              if (text === '' || text === '~') return 'null';
              return /^(null|true|false|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?)$/.test(text) ? text : JSON.stringify(text);
            }
            """),
        ["base64"] = new("""
            /** @param {string} text */
            function base64(text) {
              return encoding.b64encode(text);
            }
            """),
        ["randomInt"] = new("""
            /** A whole number, both ends included. @param {number} min @param {number} max */
            function randomInt(min, max) {
              return min + Math.floor(Math.random() * (max - min + 1));
            }
            """),
        ["uuid"] = new("""
            /** A version 4 UUID (RFC 9562). */
            function uuid() {
              return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (letter) => {
                const digit = Math.floor(Math.random() * 16);
                return (letter === 'x' ? digit : (digit & 3) | 8).toString(16);
              });
            }
            """),
        ["between"] = new("""
            /** Seconds of a uniform think time. @param {number} min @param {number} max */
            function between(min, max) {
              return min + (max - min) * Math.random();
            }
            """),
        ["exponential"] = new("""
            /** Seconds of an exponential think time, at most twenty times its mean. @param {number} mean */
            function exponential(mean) {
              return mean * Math.min(20, -Math.log(1 - Math.random()));
            }
            """),
        ["choose"] = new("""
            /**
             * The next of several by weight: an evenly spread sequence (multiples of the golden ratio), so that every short stretch already has the proportions.
             * @param {number} start
             * @param {[number, (vars: Values) => unknown][]} ways
             */
            function choose(start, ways) {
              const total = ways.reduce((sum, [weight]) => sum + weight, 0);
              const point = ((start + (exec.scenario.iterationInTest + 1) * 0.6180339887498949) % 1) * total;
              let sum = 0;
              for (const [weight, way] of ways) {
                sum += weight;
                if (point < sum) return way;
              }
              return ways[ways.length - 1][1];
            }
            """),
        ["draw"] = new("""
            /** The index of one of several, by weight. @param {number[]} weights */
            function draw(weights) {
              let point = Math.random() * weights.reduce((sum, weight) => sum + weight, 0);
              for (let index = 0; index < weights.length - 1; index++) {
                point -= weights[index];
                if (point < 0) return index;
              }
              return weights.length - 1;
            }
            """),
        ["bodyOf"] = new("""
            /** The decoded body; undefined without a response. @param {Response} response @returns {string | undefined} */
            function bodyOf(response) {
              return response.status !== 0 && typeof response.body === 'string' ? response.body : undefined;
            }
            """),
        ["sizeOf"] = new("""
            /** Bytes of the decoded body. @param {Response} response */
            function sizeOf(response) {
              if (typeof response.body !== 'string') return response.body ? response.body.byteLength : 0;
              let bytes = 0;
              for (const letter of response.body) {
                const code = letter.codePointAt(0) || 0;
                bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
              }
              return bytes;
            }
            """),
        ["headerOf"] = new("""
            /** A header by its name in any case; undefined when it is not there. @param {Response} response @param {string} name @returns {string | undefined} */
            function headerOf(response, name) {
              const found = Object.keys(response.headers || {}).find((key) => key.toLowerCase() === name.toLowerCase());
              return found === undefined ? undefined : response.headers[found];
            }
            """),
        ["jsonOf"] = new("""
            /**
             * A value of a JSON body as text, everything but text as JSON; undefined when it is not there or null.
             * @param {Response} response @param {(string | number)[]} path @returns {string | undefined}
             */
            function jsonOf(response, path) {
              const body = bodyOf(response);
              if (body === undefined) return undefined;
              let value;
              try {
                value = JSON.parse(body.replace(/^\ufeff/, ''));
              } catch (error) {
                return undefined;
              }
              for (const step of path) {
                if (typeof step === 'number') value = Array.isArray(value) ? value[step < 0 ? value.length + step : step] : undefined;
                else value = value !== null && typeof value === 'object' && !Array.isArray(value) && Object.prototype.hasOwnProperty.call(value, step) ? value[step] : undefined;
              }
              if (value === undefined || value === null) return undefined;
              return typeof value === 'string' ? value : JSON.stringify(value);
            }
            """, "bodyOf"),
        ["firstMatch"] = new("""
            /** The first group of a match, or the whole of it; undefined without one. @param {string | undefined} text @param {RegExp} pattern @returns {string | undefined} */
            function firstMatch(text, pattern) {
              const match = text === undefined ? null : pattern.exec(text);
              return match === null ? undefined : match.length > 1 ? match[1] : match[0];
            }
            """),
        ["equalsAny"] = new("""
            /** Equal as text, or as numbers where both are. @param {string | undefined} text @param {string[]} operands */
            function equalsAny(text, operands) {
              const number = numberOf(text);
              return text !== undefined && operands.some((operand) => text === operand || number === numberOf(operand));
            }
            """, "numberOf"),
        ["numberOf"] = new("""
            /** NaN, which nothing equals, where it is none. @param {string | undefined} text */
            function numberOf(text) {
              return text !== undefined && /^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$/.test(text) ? Number(text) : NaN;
            }
            """),
        ["containsAny"] = new("""
            /** @param {string | undefined} text @param {string[]} operands */
            function containsAny(text, operands) {
              return text !== undefined && operands.some((operand) => text.includes(operand));
            }
            """),
        ["matchesAny"] = new("""
            /** @param {string | undefined} text @param {RegExp[]} patterns */
            function matchesAny(text, patterns) {
              return text !== undefined && patterns.some((pattern) => pattern.test(text));
            }
            """),
        ["extract"] = new("""
            /** Keeps what was found; false when something that has no default was not. @param {Values} vars @param {{ [name: string]: string | undefined }} found */
            function extract(vars, found) {
              let all = true;
              for (const [name, value] of Object.entries(found)) {
                if (value === undefined) all = false;
                else vars[name] = value;
              }
              return all;
            }
            """),
        ["nextRow"] = new("""
            /**
             * The row of an iteration.
             * @param {{ [column: string]: string }[]} rows
             * @param {number} number Counted from 0.
             * @param {string | null} end Ends the test when rows run out; null begins again.
             */
            function nextRow(rows, number, end) {
              if (end !== null && number >= rows.length) exec.test.abort(end);
              return rows[number % rows.length];
            }
            """),
    };

    public static IEnumerable<string> Names => All.Keys;

    /// <summary>Whether one of the functions needs a module of k6.</summary>
    public static bool Needs(IEnumerable<string> used, string module) => WithTheirOwn(used).Any(name => All[name].Code.Contains(module + ".", StringComparison.Ordinal));

    /// <summary>The code of functions and of those that they use.</summary>
    public static IEnumerable<string> Code(IEnumerable<string> used) => WithTheirOwn(used).Select(static name => All[name].Code);

    private static List<string> WithTheirOwn(IEnumerable<string> used)
    {
        var needed = used.ToHashSet(StringComparer.Ordinal);
        foreach (var name in needed.ToArray())
            needed.UnionWith(All[name].Uses);
        return [.. All.Keys.Where(needed.Contains)];
    }
}
