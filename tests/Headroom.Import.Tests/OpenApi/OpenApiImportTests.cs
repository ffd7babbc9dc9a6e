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
        ["openapi: 3.0.0\n", "info: { title: t, version: v }\n", "paths:\n", "  /a:\n", "    get:\n", "      parameters: [ { name: a, in: query, required: true, schema: { type: [ } ] } ]\n", "      responses: { 200: { description: ok } }\n", "  /b/{c}: { get: { responses: {} } }\n", "components: { schemas: { A: { $ref: '#/components/schemas/A' } } }\n", "&a [*a]", "- ", "${", "\t", "servers: [ { url: '{x}' } ]\n", "x"],
        Import);

    private static ImportedPlan Import(string text) => PlanImport.OpenApi(text, Imported.Options("x"));
}
