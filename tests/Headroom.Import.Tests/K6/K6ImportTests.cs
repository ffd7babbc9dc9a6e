using Headroom.Load;

namespace Headroom.Import.Tests.K6;

/// <summary>Scripts as people write them.</summary>
public sealed class K6ImportTests(ITestOutputHelper output)
{
    private const string Script = """
        import http from 'k6/http';
        import { check, sleep, group } from 'k6';
        import { Counter } from 'k6/metrics';
        import { randomIntBetween } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js';

        const BASE = __ENV.BASE_URL || 'https://test.example';
        const headers = { 'Content-Type': 'application/json' };
        const made = new Counter('made');

        export const options = {
          scenarios: {
            browse: { executor: 'ramping-vus', startVUs: 0, stages: [{ duration: '30s', target: 20 }, { duration: '1m', target: 0 }], gracefulRampDown: '0s' },
            buy: { executor: 'constant-arrival-rate', rate: 10, timeUnit: '1s', duration: '1m', preAllocatedVUs: 5, maxVUs: 20, exec: 'buy', startTime: '5s', tags: { a: 'b' } },
          },
          thresholds: {
            http_req_failed: ['rate<0.01'],
            'http_req_duration{name:items}': ['p(95)<500', { threshold: 'p(99)<1500', abortOnFail: true, delayAbortEval: '10s' }],
            made: ['count>10'],
          },
          insecureSkipTLSVerify: true,
        };

        export function setup() {
          const res = http.post(`${BASE}/login`, JSON.stringify({ user: 'mia', pin: __ENV.PIN }), { headers });
          return { token: res.json('access.token') };
        }

        export default function () {
          group('shop', () => {
            const res = http.get(`${BASE}/items?page=${randomIntBetween(1, 5)}`, { tags: { name: 'items' }, timeout: '5s' });
            check(res, {
              'status is 200': (r) => r.status === 200,
              'is fast': (r) => r.timings.duration < 300,
              'has items': (r) => r.json('items.0.id') !== undefined && r.body.includes('items'),
              'odd': (r) => r.body.length % 2 === 1,
            });
            const id = res.json().items[0].id;
            sleep(randomIntBetween(1, 3));
            http.get(BASE + '/items/' + id);
          });
          if (Math.random() < 0.5) { http.get(`${BASE}/rare`); }
          for (let i = 0; i < 3; i++) {
            http.get(`${BASE}/again`);
          }
          made.add(1);
          sleep(0.5);
        }

        export function buy() {
          const payload = JSON.stringify({ item: `item-${__VU}`, count: __ITER, note: "it's \"quoted\" ${no}" });
          order(payload);
          sleep(Math.random() * 2 + 1);
        }

        function order(body) {
          const r = http.request('PUT', `${BASE}/orders`, body, { headers: { ...headers, Authorization: 'Bearer abc' } });
          if (!check(r, { created: (x) => x.status >= 200 && x.status < 300 })) { fail('no'); }
        }
        """;

    [Fact]
    public void K6_Script_IsScenariosFlowsChecksAndThresholds()
    {
        var imported = Import(Script);
        var plan = Imported.Read(imported with { EnvironmentVariables = [.. imported.EnvironmentVariables, "PIN"] });

        Assert.Contains("target: ${env.BASE_URL:-https://test.example}\n", imported.Yaml, StringComparison.Ordinal);
        Assert.Equal([("browse", ExecutorKind.RampingVus), ("buy", ExecutorKind.ConstantArrivalRate)], plan.Scenarios.Select(static scenario => (scenario.Name, scenario.Executor)));
        Assert.Equal([["default"], ["buy"]], plan.Scenarios.Select(static scenario => scenario.Requests));
        Assert.Equal((10.0, 20, TimeSpan.FromSeconds(5)), (plan.Scenarios[1].RatePerSecond, plan.Scenarios[1].Connections, plan.Scenarios[1].StartTime));
        Assert.Equal(["http_req_failed: rate<0.01", "http_req_duration{name:items}: p(95)<500", "http_req_duration{name:items}: p(99)<1500"], plan.Targets);
        Assert.Equal(TimeSpan.FromSeconds(10), plan.AbortingTargets.Single().Delay);
        Assert.Equal((10, true), (plan.RedirectsMax, plan.Cookies));

        var browse = plan.Flows.Single(static flow => flow.Name == "default");
        Assert.Equal(["RequestStep", "ThinkStep", "RequestStep", "RequestStep", "ThinkStep"], browse.Steps.Select(static step => step.GetType().Name));
        var items = browse.AllRequests().First();
        Assert.Equal(("items", TimeSpan.FromSeconds(5)), (items.Name, items.Timeout));
        Assert.Equal("$.items[0].id", items.Extractions.Single().Selector);
        Assert.Equal(["status is 200", "is fast", "has items", "has items"], items.Checks.Select(static check => check.Name));
        Assert.Equal("https://test.example/items/${id}", Uri.UnescapeDataString(browse.AllRequests().ElementAt(1).Url.OriginalString));

        var order = plan.Flows.Single(static flow => flow.Name == "buy").AllRequests().Single();
        Assert.Equal("PUT", order.Method);
        Assert.Equal(BodyVariables.Json, order.BodyVariables);
        Assert.Contains("      item: item-${vu}\n", imported.Yaml, StringComparison.Ordinal);
        Assert.Contains("      count: ${iteration | raw}\n", imported.Yaml, StringComparison.Ordinal);
        Assert.Contains("      note: it's \"quoted\" $${no}\n", imported.Yaml, StringComparison.Ordinal);
        Assert.Contains(order.Headers, static header => header == ("Authorization", "Bearer value-of-API_TOKEN"));
        Assert.Equal("2xx", order.Checks.Single().Operands.Single());
        Assert.Equal("""{"user":"mia","pin":"value-of-PIN"}""", Imported.BodyOf(plan.Setup.Single()).Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public void K6_WhatAPlanCannotSay_IsToldByLine()
    {
        var imported = Import(Script);

        Assert.Equal("""
            x:3: what comes from 'k6/metrics'
            x:8: 'made', whose value only the running script knows
            x:13: 'tags' of the scenario 'buy'
            x:18: the threshold 'made: count>10': unknown metric 'made'
            x:20: 'insecureSkipTLSVerify'; run the plan with --insecure
            x:35: the check 'odd', whose condition a plan cannot say
            x:41: the 'if' and what is in it; 'oneOf' in a flow takes one of several ways by weight
            x:45: a call of made.add
            x:57: what is done when a check fails or holds
            """, string.Join('\n', Imported.LeftOut(imported).Split('\n').Select(static line => line.StartsWith("x:18", StringComparison.Ordinal) ? line[..line.IndexOf(';', StringComparison.Ordinal)] : line)));
        Assert.Equal("x:42: what is in the 'for' is sent once; repeat its steps as often as it is wanted", Imported.Guesses(imported));
    }

    [Theory]
    [InlineData("export const options = { vus: 10, duration: '30s' };", ExecutorKind.ConstantVus)]
    [InlineData("export let options = { stages: [ { duration: '10s', target: 5 } ] };", ExecutorKind.RampingVus)]
    [InlineData("export const options = { iterations: 100, vus: 4 };", ExecutorKind.SharedIterations)]
    [InlineData("", ExecutorKind.SharedIterations)]
    public void K6_ShortOptions_AreOneScenario(string options, ExecutorKind executor)
    {
        var plan = Imported.Read(Import("import http from 'k6/http'\n" + options + "\nexport default () => { http.get('http://h/') }"));
        Assert.Equal(executor, plan.Scenarios.Single().Executor);
    }

    [Fact]
    public void K6_BatchFormAndSyntaxOfAllKinds_AreRead()
    {
        var imported = Import("""
            #!/usr/bin/env k6
            /* a
               comment */ import http from "k6/http"; import { check } from "k6";
            const urls = ['http://h/1', 'http://h/2'], { a, b } = JSON.parse(open('x.json'));
            const re = /[/"'`]+/g, n = 4 / 2 / 1;
            export default async function main(data = {}) {
              http.batch([['GET', urls[0]], { method: 'POST', url: urls[1], body: { q: 'a b', n: 1 } }, `http://h/${n}`]);
              const res = await http.asyncRequest('GET', 'http://h/3');
              check(res, { 'ok': r => [200, 204].includes(r.status), re: (r) => /it(e)m/i.test(r.body), h: (r) => r.headers['X-A'] === '1' });
              try { http.del('http://h/4', null, { redirects: 0 }) } catch (e) { console.log(e) } finally { }
              switch (n) { case 1: break; default: http.get('http://h/5') }
              class X { m() { return 1 } }
              label: while (true) { break }
            }
            """);

        var plan = Imported.Read(imported);
        Assert.Equal(["GET http://h/1", "POST http://h/2", "GET http://h/2", "GET http://h/3", "DELETE http://h/4"], Imported.Sent(plan).Select(static request => $"{request.Method} {request.Url}"));
        Assert.Equal("q=a%20b&n=1", Imported.BodyOf(Imported.Sent(plan)[1]));
        Assert.Equal(["ok", "re", "h"], Imported.Sent(plan)[3].Checks.Select(static check => check.Name));
    }

    [Theory]
    [InlineData("let x = 1", "x: imports nothing from k6")]
    [InlineData("import http from 'k6/http'\nconst a = `x", "x:2: the template that begins here does not end")]
    [InlineData("import http from 'k6/http'\n\nconst a = 'x\n", "x:3: the text that begins here does not end")]
    [InlineData("import http from 'k6/http'\nexport default function () { http.get('http://h/')", "x:2: the script ends where '}' is missing")]
    [InlineData("import http from 'k6/http'\nexport default function () { sleep(1) }", "x:2: the function 'default' sends nothing that a plan can say")]
    [InlineData("import http from 'k6/http'\nhttp.get('http://h/')", "x: exports no default function and no scenario")]
    public void K6_ThatIsNone_SaysWhatToDo(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<ImportException>(() => Import(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void K6_AnyText_IsAPlanThatReadsOrAnImportException() => Sources.AreReadOrRefused(
        output,
        ["http.get('http://h/')", ";", "\n", "{", "}", "(", ")", "[", "]", ",", "=>", "x", "=", "'", "`", "${", "/", "//", "/*", "const ", "new", "new ", "function", "if", "for", "async ", "await ", "?", "?.", ":", "...", "export default ", "return", "1e", "\\", "try", "switch"],
        static text => Import("import http from 'k6/http';\nexport default function () {\n" + text + "\n}"));

    [Fact]
    public void K6_DeepNesting_IsRefusedNotACrash() =>
        Assert.Throws<ImportException>(() => Import("import http from 'k6/http'\nlet a = " + new string('(', 100_000)));

    /// <summary>What setup returns, functions that make values, requests of a batch by name, and addresses with a name.</summary>
    private const string Functions = """
        import http from 'k6/http';
        const BASE = __ENV.BASE_URL || 'http://127.0.0.1:9';
        function headers(token) { return { Authorization: `Bearer ${token}` }; }
        export function setup() {
          const res = http.post(`${BASE}/login`, JSON.stringify({ user: 'mia', password: 'hunter22' }));
          return { token: res.json('token'), fixed: 'x' };
        }
        export default function (data) {
          http.get(`${BASE}/items?f=${data.fixed}`, { headers: headers(data.token) });
          http.batch({ one: { method: 'GET', url: `${BASE}/one` }, two: `${BASE}/two` });
          http.get(http.url`${BASE}/posts/${__ITER}`);
        }
        """;

    [Fact]
    public void K6_WhatFunctionsReturn_IsPutInPlace()
    {
        var imported = Import(Functions);
        Assert.Empty(Imported.LeftOut(imported));
        var plan = Imported.Read(imported);
        Imported.AssertBody("""{"user":"mia","password":"value-of-API_PASSWORD"}""", Assert.Single(plan.Setup));
        Assert.Equal("token", Assert.Single(plan.Setup[0].Extractions).Variable);
        var sent = plan.Flows[0].AllRequests().ToList();
        Assert.Equal(["/items?f=x", "/one", "/two", "/posts/${iteration}"], sent.Select(static request => request.Url.OriginalString["http://127.0.0.1:9".Length..]));
        Assert.Contains(("Authorization", "Bearer ${token}"), sent[0].Headers);
    }

    [Fact]
    public void K6_InTypeScript_IsTheSamePlan()
    {
        const string Types = """
            import http, { RefinedResponse } from 'k6/http';
            import type { Options } from 'k6/options';
            import { check } from 'k6';
            interface User { id: number; name?: string }
            export type Id = | string | Array<Record<string, User>>;
            const BASE: string = __ENV.BASE_URL || 'http://127.0.0.1:9';
            export const options: Options = { vus: 2, duration: '5s' } satisfies Options;
            function headers<T extends string>(token: T, more?: { [name: string]: (a: number) => string }): Record<string, Map<string, T>> { return { Authorization: `Bearer ${token}` } as any; }
            export function setup(): { token: string } {
              const res = http.post(`${BASE}/login`, 'x');
              return { token: res.json('token') as string };
            }
            export default function (data: { token: string }): void {
              const res: RefinedResponse<'text'> = http.get<'text'>(`${BASE}/items`, { headers: headers(data!.token) })!;
              check(res, { ok: (r): r is any => r.status === 200 });
              const id = (res.json() as any).items[0].id as number;
              http.get(`${BASE}/items/${id}`);
            }
            """;
        var script = Types;
        foreach (var (typed, plain) in new[]
        {
            (", { RefinedResponse }", ""), ("import type { Options } from 'k6/options';", ""), ("interface User { id: number; name?: string }", ""), ("export type Id = | string | Array<Record<string, User>>;", ""), ("BASE: string", "BASE"),
            ("options: Options", "options"), (" satisfies Options", ""), ("<T extends string>", ""), ("token: T, more?: { [name: string]: (a: number) => string }): Record<string, Map<string, T>>", "token, more)"), (" as any;", ";"),
            ("(): { token: string }", "()"), (" as string", ""), ("data: { token: string }): void", "data)"), ("res: RefinedResponse<'text'>", "res"), ("<'text'>", ""), ("data!", "data"), ("})!;", "});"), ("(r): r is any", "(r)"), ("(res.json() as any)", "res.json()"), (" as number", ""),
        })
        {
            Assert.Contains(typed, script, StringComparison.Ordinal);
            script = script.Replace(typed, plain, StringComparison.Ordinal);
        }

        var (inTypes, inScript) = (PlanImport.K6(Types, Imported.Options("x.ts")), PlanImport.K6(script, Imported.Options("x.js")));
        Assert.Empty(Imported.LeftOut(inTypes));
        Assert.Equal(inScript.Yaml.Replace("x.js", "x.ts", StringComparison.Ordinal), inTypes.Yaml);
        Assert.Equal(3, Imported.Sent(Imported.Read(inTypes)).Length + 1);
    }

    [Fact]
    public void K6_AnyTypes_AreAPlanThatReadsOrAnImportException() => Sources.AreReadOrRefused(
        output,
        ["import http from 'k6/http';\n", "export default function (a: B): void {\n", "}", "http.get('http://h/a');\n", "const x: ", "type A = ", "interface B {", "<", ">", ">>", "|", "&", " as ", "!", "?: ", "=> ", "(", ")", "[", "]", "{", "string", ";\n", "extends ", "`${a}`", ","],
        static text => PlanImport.K6(text, Imported.Options("x.ts")));

    /// <summary>k6's own example of basic authentication, and a base that ends with a slash.</summary>
    [Fact]
    public void K6_AddressesWithAUserOrTwoSlashes_AreAPlanThatReads()
    {
        var imported = Import("""
            import http from 'k6/http';
            const credentials = `user:hunter2`;
            const BASE = 'http://h.example/';
            export default function () {
              http.get(`https://${credentials}@h.example/basic-auth`);
              http.get(BASE + '/a');
              http.post(BASE + 'b', '');
              http.get(BASE + 'c');
            }
            """);

        var requests = Imported.Sent(Imported.Read(imported));
        Assert.Equal(["https://h.example/basic-auth", "http://h.example//a", "http://h.example/b", "http://h.example/c"], requests.Select(static request => request.Url.OriginalString));
        Assert.Equal([("Authorization", "Basic value-of-API_BASIC")], requests[0].Headers);
        Assert.DoesNotContain("hunter2", imported.Yaml, StringComparison.Ordinal);
    }

    private static ImportedPlan Import(string text) => PlanImport.K6(text, Imported.Options("x"));
}
