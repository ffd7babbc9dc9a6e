using System.Diagnostics;
using Headroom.Load.Plans;
using Headroom.Load.Tests.Plans;

namespace Headroom.Load.Tests.K6Export;

/// <summary>What scripts say. <c>HEADROOM_UPDATE_GOLDEN=1</c> writes the golden ones anew; then read the diff.</summary>
public sealed class K6ScriptTests
{
    private static readonly string Golden = RepositoryRoot.Combine("tests", "Headroom.Load.Tests", "K6Export", "Golden");

    public static TheoryData<string> Plans =>
    [
        .. Directory.GetFiles(RepositoryRoot.Combine("samples", "plans"), "*.yaml", SearchOption.AllDirectories)
            .Concat(Directory.GetFiles(RepositoryRoot.Combine("tests", "Headroom.Load.Tests", "K6Export", "Plans"), "*.yaml"))
            .Select(path => Path.GetRelativePath(RepositoryRoot.Directory, path).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Plans))]
    public void FromFile_PlanOfTheRepository_IsTheGoldenScript(string plan)
    {
        var script = Export(plan);
        var written = script.Files.Select(file => (file.Name, file.Content.ToArray())).Prepend((Path.GetFileNameWithoutExtension(plan) + ".js", System.Text.Encoding.UTF8.GetBytes(script.Text)));
        foreach (var (name, content) in written)
        {
            var path = Path.Combine(Golden, name);
            if (Environment.GetEnvironmentVariable("HEADROOM_UPDATE_GOLDEN") == "1")
                File.WriteAllBytes(path, content);
            Assert.True(File.Exists(path), $"There is no {name}; HEADROOM_UPDATE_GOLDEN=1 writes it.");
            if (name.EndsWith(".js", StringComparison.Ordinal))
                Assert.Equal(File.ReadAllText(path), script.Text, ignoreLineEndingDifferences: true);
            else
                Assert.Equal(File.ReadAllBytes(path), content);
        }
    }

    [Fact]
    public async Task GoldenScripts_ByTypeScriptWithK6sTypes_HaveNoError()
    {
        var node = Require.Tool("node");
        var web = RepositoryRoot.Combine("web", "node_modules");
        Assert.SkipUnless(Directory.Exists(Path.Combine(web, "@types", "k6")), "web/node_modules is missing: the pages were built elsewhere");
        using var folder = new TemporaryFolder();
        foreach (var script in Directory.GetFiles(Golden, "*.js"))
            File.Copy(script, Path.Combine(folder.Path, Path.GetFileName(script)));
        Directory.CreateDirectory(Path.Combine(folder.Path, "node_modules"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "node_modules", "@types"), Path.Combine(web, "@types"));
        folder.Write("package.json", """{ "type": "module" }""");
        folder.Write("tsconfig.json", """
            { "compilerOptions": { "target": "ES2023", "module": "ESNext", "moduleResolution": "bundler", "allowJs": true, "checkJs": true, "noEmit": true, "strict": true, "types": ["k6"] }, "include": ["*.js"] }
            """);

        var (exitCode, output) = await NodeScript.RunAsync(new ProcessStartInfo(node, [Path.Combine(web, "typescript", "bin", "tsc"), "--pretty", "false", "-p", folder.Path]));

        Assert.True(exitCode == 0, output);

        // The check itself can fail: a mistake is found.
        folder.Write("wrong.js", "import http from 'k6/http';\nexport default () => http.request(1);\n");
        (exitCode, output) = await NodeScript.RunAsync(new ProcessStartInfo(node, [Path.Combine(web, "typescript", "bin", "tsc"), "--pretty", "false", "-p", folder.Path]));
        Assert.NotEqual(0, exitCode);
        Assert.Contains("wrong.js(2", output, StringComparison.Ordinal);
    }

    [Fact]
    public void FromFile_PlanWithMistakes_TellsThemAllWithTheirPlaces()
    {
        var error = Assert.Throws<LoadPlanException>(() => K6Script.FromFile("target: x\nrequests: [ /a ]\nwrong: 1\n", "p.yaml", ".", "p", null, _ => null));
        Assert.Equal([1, 2, 3], error.Problems.Select(problem => problem.Line).Order());
    }

    /// <summary>An address has to be known when the script is made; a value in it does not.</summary>
    [Fact]
    public void FromFile_AddressOfAVariableThatIsNotSet_SaysWhichOne()
    {
        const string Plan = "target: http://a:1\nrequests:\n  - ${env.BASE}/a\n  - /b?x=${env.OTHER}\n  - ftp://x\n";
        var error = Assert.Throws<LoadPlanException>(() => K6Script.FromFile(Plan, "p.yaml", ".", "p", null, _ => null));
        Assert.Equal(["p.yaml:3:5: environment variable 'BASE' is not set; set it, or write ${env.BASE:-default}", "p.yaml:5:5: 'ftp://x' has scheme 'ftp'; allowed: http, https"], error.Problems.Select(static problem => problem.ToString()));
    }

    [Fact]
    public void FromFile_VariablesOfTheEnvironment_StayInTheScriptAndTheirValuesStayOut()
    {
        var script = K6Script.FromFile(
            """
            target: http://${env.HOST}:8080
            headers: { Authorization: "Bearer ${env.TOKEN}" }
            requests: [ "/a/${env.AREA:-x}" ]
            scenarios: { s: { executor: constant-vus, vus: "${env.VUS}", duration: 1s } }
            """, "p.yaml", ".", "p", null, name => name == "VUS" ? "3" : $"secret-{name}");
        Assert.DoesNotContain("secret", script.Text, StringComparison.Ordinal);
        Assert.Contains("__ENV.BASE_URL || `http://${__ENV.HOST}:8080`", script.Text, StringComparison.Ordinal);
        Assert.Contains("Authorization: `Bearer ${__ENV.TOKEN}`", script.Text, StringComparison.Ordinal);
        Assert.Contains("`${BASE_URL}/a/${inTarget((__ENV.AREA || 'x'))}`", script.Text, StringComparison.Ordinal);
        Assert.Contains("for (const name of [...(__ENV.BASE_URL ? [] : ['HOST']), 'TOKEN'])", script.Text, StringComparison.Ordinal);
        Assert.Contains("vus: 3,", script.Text, StringComparison.Ordinal);
        Assert.Equal(["${env.VUS}"], script.Notes.Select(note => note.Place));
    }

    [Fact]
    public void FromFile_BaseUrl_IsTheDefaultOfTheScripts()
    {
        var script = K6Script.FromFile("target: http://a:1/x\nrequests: [ /a ]\n", "p.yaml", ".", "p", new Uri("http://b:2/y"), _ => null);
        Assert.Contains("__ENV.BASE_URL || 'http://b:2/y'", script.Text, StringComparison.Ordinal);
        Assert.Contains("'GET', `${BASE_URL}/a`", script.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void FromFile_ManyRows_StandInAFileBesideTheScript()
    {
        var rows = string.Join(", ", Enumerable.Range(0, 1000).Select(number => $"{{ id: {number} }}"));
        var script = K6Script.FromFile($"target: http://a:1\nfeeders: {{ ids: {{ rows: [ {rows} ] }} }}\nrequests: [ '/a/${{ids.id}}' ]\n", "p.yaml", ".", "p", null, _ => null);
        var file = Assert.Single(script.Files);
        Assert.Equal("p.ids.json", file.Name);
        Assert.Equal(1000, System.Text.Json.JsonDocument.Parse(file.Content).RootElement.GetArrayLength());
        Assert.Contains("JSON.parse(open('./p.ids.json'))", script.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void FromFile_WhatK6CannotDo_IsToldByItsPlace()
    {
        var notes = Export("tests/Headroom.Load.Tests/K6Export/Plans/everything.yaml").Notes.Select(note => note.ToString()).ToList();
        Assert.Contains("target 'rss<100MB': is left out: k6 does not measure it", notes);
        Assert.Contains(notes, note => note.StartsWith("scenario 'again': recorded arrivals", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.StartsWith("scenario 'steady': its warm-up", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.StartsWith("request 'stream': 'events: 3'", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.StartsWith("feeder 'items': 'atEnd: stop'", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.StartsWith("responseTimeout: ", StringComparison.Ordinal));
    }

    /// <summary>A name goes into comments, selectors and tags, and must end none of them.</summary>
    [Fact]
    public void FromFile_NamesThatWouldEndAComment_StayInIt()
    {
        var script = Of("""
            name: "of ${env.STAGE:-dev} */"
            requests: [ { name: "r */ x", url: /a } ]
            flows: { "f */ x": [ /b ] }
            scenarios: { "s */ x": { executor: constant-vus, vus: 1, duration: 1s } }
            """);
        Assert.Contains("/** Scenario s * / x. @param", script.Text, StringComparison.Ordinal);
        Assert.Contains("/** Flow f * / x. @param", script.Text, StringComparison.Ordinal);
        Assert.Contains("/** r * / x @param", script.Text, StringComparison.Ordinal);
        Assert.Contains(" * 'of dev * /', made by", script.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("hdrmenv", script.Text, StringComparison.Ordinal);
    }

    /// <summary>k6 refuses a script with a selector that has no value.</summary>
    [Fact]
    public void FromFile_NameOfNothingButQuotes_IsASelectorThatK6Takes()
    {
        var script = Of("""{ requests: [ { name: " '\t", url: /a } ], targets: [ "errors<1%" ] }""");
        Assert.Contains("tags: { name: '-' }", script.Text, StringComparison.Ordinal);
        Assert.Contains("requests: ['-'],", script.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void FromFile_LongBodyWithTheEnvironment_StaysInTheScriptThatCanReadIt()
    {
        var script = Of($"requests: [ {{ url: /a, method: POST, body: \"{new string('x', 9000)}${{env.TOKEN}}\" }} ]\n");
        Assert.Empty(script.Files);
        Assert.Contains("x${__ENV.TOKEN}`", script.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void FromFile_TargetOfTheEnvironment_IsNotNeededWhereBaseUrlIsGiven()
    {
        var text = K6Script.FromFile("target: ${env.TARGET}\nrequests: [ /a ]\n", "p.yaml", ".", "p", null, _ => null).Text;
        var check = text.IndexOf("for (const name of [...(__ENV.BASE_URL ? [] : ['TARGET'])]) {", StringComparison.Ordinal);
        Assert.InRange(check, 0, text.IndexOf("const BASE_URL = (__ENV.BASE_URL || __ENV.TARGET)", StringComparison.Ordinal));
    }

    [Fact]
    public void FromFile_DelayOfAnAbort_BeginsWhereMeasuringDoes()
    {
        var script = Of("""
            requests: [ /a ]
            scenarios: { s: { executor: constant-vus, vus: 1, startTime: 5s, warmup: 30s, duration: 1m } }
            thresholds: { http_req_failed: [ { threshold: "rate<0.1", abortOnFail: true, delayAbortEval: 10s } ] }
            """);
        Assert.Contains("delayAbortEval: '45s'", script.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"\Aa\Z", @"'^a(?=\n?$)'")]
    [InlineData("ok$", @"'ok(?=\n?$)'")]
    [InlineData(@"\$[$]", @"'\$[$]'")]
    [InlineData("(?m)^a$", "'^a$', 'm'")]
    [InlineData("[]a]", @"'[\]a]'")]
    [InlineData("a.c[.]", @"'a[^\n]c[.]'")]
    [InlineData("(?s)a.c", "'a.c', 's'")]
    [InlineData(@"(?m)\Aa\z", @"'(?<![\s\S])a(?![\s\S])', 'm'")]
    public void FromPlan_EndsInRegularExpressions_MeanTheSameInJavaScript(string pattern, string expected)
    {
        var script = K6Script.FromPlan(Matching(pattern), "p");
        Assert.Contains($"new RegExp({expected.Replace(@"\", @"\\", StringComparison.Ordinal)})", script.Text, StringComparison.Ordinal);
        Assert.Empty(script.Notes);
    }

    [Theory]
    [InlineData("a(?i:b)")]
    [InlineData("a(?-i)b")]
    [InlineData(@"\p{L}+")]
    public void FromPlan_RegularExpressionThatJavaScriptHasNot_IsTold(string pattern) =>
        Assert.Equal([$"the regular expression '{pattern}' may mean something else in JavaScript"], K6Script.FromPlan(Matching(pattern), "p").Notes.Select(note => note.Text));

    [Fact]
    public void FromFile_RandomNumbersBeyondJavaScripts_AreTold()
    {
        Assert.DoesNotContain(Of("""requests: [ "/a/${random(1,9007199254740992)}" ]""").Notes, note => note.Place.Contains("random", StringComparison.Ordinal));
        Assert.Equal(
            ["${random(1,9223372036854775807)}: JavaScript's numbers are exact to 9007199254740992: beyond it not every number comes, and some are rounded"],
            Of("""requests: [ "/a/${random(1,9223372036854775807)}" ]""").Notes.Select(note => note.ToString()).Where(note => note.Contains("random", StringComparison.Ordinal)));
    }

    [Fact]
    public void FromFile_DroppedIterations_AreThoseOfTheLoad()
    {
        const string Scenario = "{ executor: constant-arrival-rate, rate: 5/s, warmup: 1s, duration: 1s }";
        var one = Of($"{{ requests: [ /a ], scenarios: {{ s: {Scenario} }}, targets: [ \"dropped<1\" ] }}");
        Assert.Contains("'dropped_iterations{scenario:s}': ['count<1']", one.Text, StringComparison.Ordinal);
        var two = Of($"{{ requests: [ /a ], scenarios: {{ s: {Scenario}, t: {Scenario} }}, targets: [ \"dropped<1\" ] }}");
        Assert.Contains("target 'dropped<1': k6 counts those that the warm-up dropped, too", two.Notes.Select(note => note.ToString()));
    }

    [Fact]
    public void FromPlan_CookiesInSeveralLines_AreJoinedAsCookiesAre()
    {
        var script = K6Script.FromPlan(LoadPlan.Create("p").BaseAddress("http://a:1").Get("/a", a => a.Header("Cookie", "x=1").Header("cookie", "y=2")).Iterations(1).Build(), "p");
        Assert.Contains("'x=1; y=2'", script.Text, StringComparison.Ordinal);
    }

    private static K6Script Of(string plan) => K6Script.FromFile(plan, "p.yaml", ".", "p", new Uri("http://a:1"), _ => null);

    private static LoadPlan Matching(string pattern) => LoadPlan.Create("p").BaseAddress("http://a:1")
        .Get("/a", a => a.Check(new Check { Name = "matches", Part = ResponsePart.Body, Operator = CheckOperator.Matches, Operands = [pattern] })).Iterations(1).Build();

    internal static K6Script Export(string plan)
    {
        var path = RepositoryRoot.Combine(plan);
        return K6Script.FromFile(LoadPlanFile.ReadText(path), plan, Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(plan), null, _ => null);
    }
}
