using Headroom.Load;

namespace Headroom.Import.Tests.OpenApi;

/// <summary>Descriptions in both versions and both notations.</summary>
public sealed class OpenApiImportTests(ITestOutputHelper output)
{
    private const string Shop = """
        openapi: 3.0.3
        info: { title: Shop, version: "1.0" }
        servers:
          - url: https://{region}.shop.example/v1/
            variables: { region: { default: eu } }
        security: [ { bearer: [] } ]
        paths:
          /items/{itemId}:
            parameters:
              - { name: itemId, in: path, required: true, schema: { type: integer, minimum: 100 }, description: Number of an item. }
            get:
              operationId: getItem
              summary: One item
              parameters:
                - { name: fields, in: query, required: true, schema: { type: string, enum: [ short, long ] } }
                - { name: debug, in: query, schema: { type: boolean } }
                - { name: X-Tenant, in: header, required: true, example: "blue" }
              responses: { 200: { description: ok }, 404: { description: none } }
            delete:
              responses: { 204: { description: gone } }
          /items:
            post:
              operationId: addItem
              security: [ { key: [] } ]
              requestBody:
                content:
                  application/json:
                    schema: { $ref: '#/components/schemas/Item' }
              responses: { 201: { description: made }, 202: { description: later } }
          /old:
            get: { deprecated: true, responses: { 200: { description: ok } } }
          /health:
            get: { security: [], responses: { 2XX: { description: ok } } }
        components:
          securitySchemes:
            bearer: { type: http, scheme: bearer }
            key: { type: apiKey, in: header, name: X-Api-Key }
          schemas:
            Item:
              allOf:
                - { $ref: '#/components/schemas/Named' }
                - type: object
                  required: [ price, tags ]
                  properties:
                    id: { type: string, format: uuid }
                    serial: { type: integer, readOnly: true }
                    price: { type: number, exclusiveMinimum: true, minimum: 2 }
                    tags: { type: array, minItems: 2, items: { type: string, maxLength: 3 } }
                    parent: { $ref: '#/components/schemas/Item' }
                    password: { type: string, format: password }
            Named: { type: object, properties: { name: { type: string, example: "yes" } } }
        """;

    [Fact]
    public void OpenApi_WithoutWrites_SendsWhatIsSafeAndShowsTheRest()
    {
        var imported = Import(Shop);

        var plan = Imported.Read(imported);
        Assert.Equal(["getItem", "GET /health"], plan.Requests.Select(static request => request.Name));
        Assert.StartsWith("https://eu.shop.example/v1/items/", plan.Requests[0].Url.OriginalString, StringComparison.Ordinal);
        Assert.Equal("100", plan.Variables["itemId"]);
        Assert.Equal("?fields=short", plan.Requests[0].Url.Query);
        Assert.Equal([("X-Tenant", "blue"), ("Authorization", "Bearer value-of-API_TOKEN")], plan.Requests[0].Headers);
        Assert.Empty(plan.Requests[1].Headers);
        Assert.Equal(["200"], plan.Requests[0].Checks[0].Operands);
        Assert.Equal(["2xx"], plan.Requests[1].Checks[0].Operands);
        Assert.Contains("  # - name: addItem\n  #   method: POST\n", imported.Yaml, StringComparison.Ordinal);
        Assert.Contains("query parameter 'debug' is optional and left out", imported.Yaml, StringComparison.Ordinal);
        Assert.Equal("x: GET /old, which is deprecated", Imported.LeftOut(imported));
    }

    [Fact]
    public void OpenApi_WithWrites_SendsBodiesThatTheSchemaAllows()
    {
        var imported = PlanImport.OpenApi(Shop, Imported.Options("x") with { Writes = true });

        var plan = Imported.Read(imported);
        var add = Assert.Single(plan.Requests, static request => request.Name == "addItem");
        Assert.Equal(["Content-Type", "X-Api-Key"], add.Headers.Select(static header => header.Name).Order());
        var body = System.Text.Json.Nodes.JsonNode.Parse(Imported.BodyOf(add))!.AsObject();
        Assert.Equal("yes", (string?)body["name"]);
        Assert.Equal(2.5, (double?)body["price"]);
        Assert.Equal("[\"tex\",\"tex\"]", body["tags"]!.ToJsonString());
        Assert.Equal("${uuid}", (string?)body["id"]);
        Assert.Equal("value-of-API_PASSWORD", (string?)body["password"]);
        Assert.False(body.ContainsKey("serial"));
        Assert.Equal(BodyVariables.Json, add.BodyVariables);
        Assert.Contains(plan.Requests, static request => request.Method == "DELETE");
    }

    [Fact]
    public void OpenApi_31InJson_IsReadToo()
    {
        var imported = Import("""
            { "openapi": "3.1.0", "info": { "title": "T", "version": "2" }, "paths": { "/a": { "get": {
              "parameters": [ { "name": "n", "in": "query", "required": true, "schema": { "type": [ "null", "integer" ], "examples": [ 42 ] } },
                              { "name": "k", "in": "query", "required": true, "schema": { "const": "fixed" } } ],
              "responses": { "200": { "description": "ok" } } } } } }
            """);

        Assert.Equal("http://127.0.0.1:8080/a?n=42&k=fixed", Imported.Read(imported).Requests[0].Url.ToString());
        Assert.Contains("names no server", Imported.Guesses(imported), StringComparison.Ordinal);
    }

    [Fact]
    public void OpenApi_Parameters_AreWrittenByTheirStyle()
    {
        var imported = Import("""
            openapi: 3.1.0
            info: { title: T, version: "2" }
            servers: [ { url: "{scheme}://api.example.com:{port}/v1", variables: { scheme: { default: https }, port: { default: "8443" } } } ]
            paths:
              /a/{id}/{not.described}:
                get:
                  parameters:
                    - { name: id, in: path, required: true, schema: { type: string, format: uuid } }
                    - { name: list, in: query, required: true, schema: { type: array, items: { type: integer }, example: [ 1, 2 ] } }
                    - { name: flat, in: query, required: true, explode: false, schema: { type: array, example: [ 1, 2 ] } }
                    - { name: bars, in: query, required: true, style: pipeDelimited, explode: false, schema: { type: array, example: [ a b, 2 ] } }
                    - { name: deep, in: query, required: true, style: deepObject, explode: true, schema: { type: object, example: { k: v } } }
                    - { name: trace, in: query, required: true, schema: { type: string, format: uuid } }
                    - { name: X-Trace, in: header, required: true, schema: { type: string, format: uuid } }
                  responses: { "200": { description: ok } }
            """);

        var request = Imported.Read(imported).Requests[0];
        Assert.Equal("https://api.example.com:8443/v1/a/${id}/${not_described}?list=1&list=2&flat=1%2C2&bars=a%20b%7C2&deep%5Bk%5D=v&trace=${uuid}", request.Url.OriginalString);
        Assert.Contains(("X-Trace", "${uuid}"), request.Headers);
        Assert.Contains("\n  id: 3fa85f64-5717-4562-b3fc-2c963f66afa6\n", imported.Yaml, StringComparison.Ordinal);
        Assert.Contains("'text' for {not.described} of GET /a/{id}/{not.described}; change it under 'vars'", Imported.Guesses(imported), StringComparison.Ordinal);
    }

    [Fact]
    public void OpenApi_NullInExamplesDefaultsAndChoices_IsNullOrPassedOver()
    {
        var imported = PlanImport.OpenApi("""
            openapi: 3.0.3
            info: { title: T, version: "2" }
            servers: [ { url: "http://127.0.0.1:1" } ]
            paths:
              /a:
                post:
                  parameters:
                    - { name: e, in: query, required: true, schema: { type: string, nullable: true, enum: [ null, x ] } }
                    - { name: n, in: query, required: true, schema: { type: string, nullable: true }, example: null }
                    - { name: o, in: query, schema: { type: string, nullable: true, default: null, example: null } }
                  requestBody:
                    content:
                      application/json:
                        schema:
                          type: object
                          required: [ parent, kind ]
                          properties:
                            parent: { type: string, nullable: true, default: null }
                            kind: { type: string, nullable: true, enum: [ null, small ] }
                            optional: { type: string, nullable: true, default: null }
                            listed: { type: array, items: { type: string }, example: [ null ] }
                  responses: { 200: { description: ok } }
              /b:
                post:
                  requestBody: { content: { application/json: { schema: { type: object }, examples: { none: { value: null }, one: { value: { x: null } } } } } }
                  responses: { 200: { description: ok } }
            """, Imported.Options("x") with { Writes = true });

        var requests = Imported.Read(imported).Requests;
        Assert.Equal("http://127.0.0.1:1/a?e=x&n=text", requests[0].Url.OriginalString);
        Imported.AssertBody("""{"parent":null,"kind":"small","listed":[null]}""", requests[0]);
        Imported.AssertBody("""{"x":null}""", requests[1]);
        Assert.Contains("query parameter 'o' is optional and left out", imported.Yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("sentinel", imported.Yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenApi_Alternatives_HaveTheMemberThatTellsThemApart()
    {
        var imported = PlanImport.OpenApi("""
            openapi: 3.1.0
            info: { title: T, version: "2" }
            servers: [ { url: "http://127.0.0.1:1" } ]
            components:
              schemas:
                Pet:
                  type: object
                  required: [ kind, name ]
                  properties: { kind: { type: string }, name: { type: string, example: Rex } }
                  discriminator: { propertyName: kind, mapping: { dog: "#/components/schemas/Dog" } }
                  oneOf: [ { $ref: "#/components/schemas/Dog" }, { $ref: "#/components/schemas/Cat" } ]
                Dog: { allOf: [ { $ref: "#/components/schemas/Pet" }, { type: object, properties: { barks: { type: boolean } } } ] }
                Cat: { allOf: [ { $ref: "#/components/schemas/Pet" }, { type: object, properties: { lives: { type: integer, default: 9 } } } ] }
                Node: { type: object, required: [ children, left ], properties: { children: { type: array, items: { $ref: "#/components/schemas/Node" } }, left: { type: "null" } } }
            paths:
              /pets: { post: { requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } }, responses: { 200: { description: ok } } } }
              /cats: { post: { requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Cat" } } } }, responses: { 200: { description: ok } } } }
              /nodes: { post: { requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Node" } } } }, responses: { 200: { description: ok } } } }
            """, Imported.Options("x") with { Writes = true });

        var requests = Imported.Read(imported).Requests;
        Imported.AssertBody("""{"kind":"dog","name":"Rex","barks":true}""", requests[0]);
        Imported.AssertBody("""{"kind":"Cat","name":"Rex","lives":9}""", requests[1]);
        Assert.DoesNotContain("[null]", Imported.BodyOf(requests[2]), StringComparison.Ordinal);
        Assert.Contains("\"children\":[]", Imported.BodyOf(requests[2]).Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void OpenApi_ServersFormsAndCredentialsOfAnOperation_AreItsOwn()
    {
        const string Description = """
            openapi: 3.1.0
            info: { title: T, version: "2" }
            servers: [ { url: "http://api.example.com/v1" } ]
            security: [ { digest: [] } ]
            components: { securitySchemes: { digest: { type: http, scheme: digest } } }
            paths:
              /form:
                servers: [ { url: "https://{host}.example.com/", variables: { host: { default: upload } } } ]
                post:
                  requestBody: { content: { application/x-www-form-urlencoded: { schema: { type: object }, example: { a: [ x, "y&z" ], b: "q r", c: { d: 1 }, password: p } } } }
                  responses: { 200: { description: ok } }
              /q:
                get:
                  servers: [ { url: /v2 } ]
                  parameters: [ { name: filter, in: query, required: true, content: { application/json: { example: { x: 1 } } } } ]
                  responses: { 200: { description: ok } }
            """;
        var imported = PlanImport.OpenApi(Description, Imported.Options("x") with { Writes = true });
        var elsewhere = PlanImport.OpenApi(Description, Imported.Options("x") with { Writes = true, Target = new Uri("http://127.0.0.1:1") });

        var requests = Imported.Read(imported).Requests;
        Assert.Equal("https://upload.example.com/form", requests[0].Url.OriginalString);
        Assert.Equal("a=x&a=y%26z&b=q%20r&c=%7B%22d%22%3A1%7D&password=value-of-API_PASSWORD", Imported.BodyOf(requests[0]));
        Assert.Equal("http://api.example.com/v2/q?filter=%7B%22x%22%3A1%7D", requests[1].Url.OriginalString);
        Assert.DoesNotContain(requests[1].Headers, static header => header.Name == "Authorization");
        Assert.Contains("the credentials of GET /q: the HTTP scheme 'digest'", Imported.LeftOut(imported), StringComparison.Ordinal);
        Assert.Equal(["http://127.0.0.1:1/form", "http://127.0.0.1:1/q?filter=%7B%22x%22%3A1%7D"], Imported.Read(elsewhere).Requests.Select(static request => request.Url.OriginalString));
        Assert.Contains("the server https://upload.example.com of POST /form, because --target is given", Imported.LeftOut(elsewhere), StringComparison.Ordinal);
    }

    [Fact]
    public void OpenApi_WhatIsDescribedElsewhereOrDoesNotEnd_IsTold()
    {
        var imported = Import("""
            openapi: 3.1.0
            info: { title: T, version: "2" }
            paths:
              /stream: { get: { parameters: [ { $ref: "#/components/parameters/None" } ], responses: { "200": { description: events, content: { text/event-stream: {} } } } } }
              /elsewhere: { $ref: "other.yaml#/paths/elsewhere" }
              /cycle: { get: { responses: { "200": { $ref: "#/components/responses/Ok" } } } }
            components:
              responses: { Ok: { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Tree", example: { $ref: data.json } } } } } }
              schemas: { Tree: { type: object, properties: { left: { $ref: "#/components/schemas/Tree" } } } }
            """);

        Assert.Equal(
            """
            x: what '#/components/parameters/None' refers to (which is not in the description), at $.paths['/stream'].get.parameters[0]
            x: what 'other.yaml#/paths/elsewhere' refers to (another file; put both into one first), at $.paths['/elsewhere']
            """, Imported.LeftOut(imported));
        Assert.Equal([1, null], Imported.Read(imported).Requests.Select(static request => request.EventsMax));
        Assert.Contains("'events: 1' of GET /stream: it answers with an event stream, which may not end", Imported.Guesses(imported), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"swagger\": \"2.0\" }", "x: is a Swagger 2.0 description; convert it to OpenAPI 3 first")]
    [InlineData("openapi: 2.0", "x: is OpenAPI '2.0'")]
    [InlineData("a: [", "x:2: is not YAML")]
    [InlineData("{ \"a\": ", "x:1: begins like JSON and is not")]
    [InlineData("just text", "x: has no 'openapi' at its top")]
    [InlineData("openapi: 3.0.0\ninfo: { title: t, version: v }\npaths: {}", "x: describes no operation")]
    [InlineData("openapi: 3.0.0\ninfo: { title: t, version: v }\npaths: { /a: { post: { responses: { 200: { description: d } } } } }", "x: describes only operations that may change data; --writes has them sent")]
    public void OpenApi_ThatIsNone_SaysWhatToDo(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<ImportException>(() => Import(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void OpenApi_AnyText_IsAPlanThatReadsOrAnImportException() => Sources.AreReadOrRefused(
        output,
        ["openapi: 3.0.0\n", "info: { title: t, version: v }\n", "paths:\n", "  /a:\n", "    get:\n", "      parameters: [ { name: a, in: query, required: true, schema: { type: [ } ] } ]\n", "      responses: { 200: { description: ok } }\n", "  /b/{c}: { get: { responses: {} } }\n", "components: { schemas: { A: { $ref: '#/components/schemas/A' } } }\n", "&a [*a]", "- ", "${", "\t", "  /s: { get: { responses: { 200: { content: { text/event-stream: {} } } } } }\n", "servers: [ { url: '{x}' } ]\n", "x"],
        Import);

    private static ImportedPlan Import(string text) => PlanImport.OpenApi(text, Imported.Options("x"));
}
