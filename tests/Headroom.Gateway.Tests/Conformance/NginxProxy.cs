using System.Net;

namespace Headroom.Gateway.Tests.Conformance;

/// <summary>nginx with proxy_cache, as its manual sets it up: what the table is held against beside Headroom.</summary>
internal static class NginxProxy
{
    public static Task<NginxProcess> StartAsync(string program, IPEndPoint origin) => NginxProcess.StartAsync(program, (folder, port) => $$"""
        proxy_cache_path {{folder}}/cache keys_zone=all:10m inactive=60m use_temp_path=off;
        server {
          listen 127.0.0.1:{{port}};
          location / {
            proxy_pass http://{{origin}};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_cache all;
            proxy_cache_key $http_host$request_uri;
            proxy_cache_revalidate on;
            proxy_cache_background_update on;
          }
        }
        """);
}
