# docker build -t anturazh .
# docker run -v anturazh:/data anturazh init --address https://stats.example
# docker run -p 127.0.0.1:8080:8080 -v anturazh:/data anturazh
FROM rust:1-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --create-home --home-dir /data --shell /usr/sbin/nologin anturazh
COPY --from=build /source/target/release/anturazh /usr/local/bin/anturazh
USER anturazh
ENV ANTURAZH_DATA=/data/anturazh
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["anturazh"]
CMD ["serve", "--listen", "0.0.0.0:8080"]
